using System.Security.Cryptography;
using System.Text;
using Outrider.Filters;

namespace Outrider.Samples.EnvoyBasicAuth;

/// <summary>HTTP's basic authentication (RFC 7617) against one name and password, which a route may replace.</summary>
[StreamFilter("basic-auth", Phase = ReceiverPhase.AfterRoute, JsonContext = typeof(BasicAuthJson))]
public sealed class BasicAuthFilter(BasicAuthConfig config) : StreamFilter
{
    private static ReadOnlySpan<byte> Scheme => "Basic "u8;

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        var who = Stream.ConfigurationOr(config);
        if (who.Open || (headers.TryGetValue("authorization"u8, out var given) && Matches(given, who)))
        {
            return FilterAction.Continue;
        }

        return Reply(who.Refusal);
    }

    /// <summary>The filter keeps nothing of a stream, so it can serve the next one as it is.</summary>
    public override bool TryReset() => true;

    private static bool Matches(ReadOnlySpan<byte> given, BasicAuthConfig who)
        => given.Length > Scheme.Length && Ascii.EqualsIgnoreCase(given[..Scheme.Length], Scheme)
            && CryptographicOperations.FixedTimeEquals(given[Scheme.Length..].Trim((byte)' '), who.Credentials);
}
