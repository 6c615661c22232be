using System.Buffers.Text;
using System.Text;
using Outrider.Filters;

namespace Outrider.StockFilters.Auth;

/// <summary>Asks for a name and a password (RFC 7617), and answers 401 to whoever has none that is known.</summary>
[StreamFilter("basic_auth", Phase = ReceiverPhase.AfterRoute, JsonContext = typeof(AuthJson))]
public sealed class BasicAuthFilter(BasicAuthConfig config) : StreamFilter
{
    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        var auth = Stream.ConfigurationOr(config);
        if (auth.NameHeader.Length > 0)
        {
            // A client does not say who it is.
            _ = headers.Remove(auth.NameHeader);
        }

        if (auth.Disable)
        {
            return FilterAction.Continue;
        }

        if (!headers.TryGetValue("authorization"u8, out var authorization) || !TryRead(authorization, out string name, out byte[] password) || !auth.Knows(name, password))
        {
            auth.Denied.Increment();
            return Reply(auth.Refusal);
        }

        if (auth.HideCredentials)
        {
            _ = headers.Remove("authorization"u8);
        }

        if (auth.NameHeader.Length > 0)
        {
            headers.Set(auth.NameHeader, Encoding.UTF8.GetBytes(name));
        }

        return FilterAction.Continue;
    }

    /// <summary>The filter keeps nothing of a stream.</summary>
    public override bool TryReset() => true;

    private static bool TryRead(ReadOnlySpan<byte> authorization, out string name, out byte[] password)
    {
        name = "";
        password = [];
        if (authorization.Length < 6 || !Ascii.EqualsIgnoreCase(authorization[..6], "basic "u8))
        {
            return false;
        }

        var encoded = authorization[6..].Trim((byte)' ');
        if (encoded.Length > 4096 || !Base64.IsValid(encoded))
        {
            return false;
        }

        byte[] pair = new byte[Base64.GetMaxDecodedFromUtf8Length(encoded.Length)];
        if (Base64.DecodeFromUtf8(encoded, pair, out _, out int length) != System.Buffers.OperationStatus.Done || pair.AsSpan(0, length).IndexOf((byte)':') is not (>= 0 and var colon)
            || !HeaderSyntax.IsValue(pair.AsSpan(0, colon)))
        {
            return false;
        }

        name = Encoding.UTF8.GetString(pair, 0, colon);
        password = pair[(colon + 1)..length];
        return true;
    }
}
