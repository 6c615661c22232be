using System.Text;
using System.Text.Json;
using Outrider.Filters;
using Outrider.StockFilters.Mutation;

namespace Outrider.StockFilters.ExtAuthz;

/// <summary>What a service has decided.</summary>
internal sealed class AuthorizationAnswer
{
    /// <summary>The refusal; null where the request may pass.</summary>
    internal LocalReply? Refusal { get; private init; }

    /// <summary>Changes of the request that goes on, in order.</summary>
    internal IReadOnlyList<HeaderChange> ForUpstream { get; private init; } = [];

    /// <summary>Changes of the response.</summary>
    internal IReadOnlyList<HeaderChange> ForClient { get; private init; } = [];

    /// <summary>What goes into the stream's metadata: a JSON object.</summary>
    internal JsonElement? Metadata { get; init; }

    /// <summary>The request may pass.</summary>
    /// <exception cref="CalloutException">A header is none that may be written.</exception>
    internal static AuthorizationAnswer Allow(IReadOnlyList<HeaderChange> forUpstream, IReadOnlyList<HeaderChange> forClient, JsonElement? metadata)
    {
        Check(forUpstream);
        Check(forClient);
        return new() { ForUpstream = forUpstream, ForClient = forClient, Metadata = metadata };
    }

    /// <summary>It may not.</summary>
    /// <exception cref="CalloutException">A header is none that may be written, or the status none of a reply.</exception>
    internal static AuthorizationAnswer Deny(int status, byte[] body, IReadOnlyList<HeaderChange> headers, JsonElement? metadata)
    {
        Check(headers);
        if (status is < 200 or > 599)
        {
            throw new CalloutException($"the authorization service answers with status {status}");
        }

        var reply = new LocalReply(status, body) { Details = "ext_authz_denied" };
        foreach (var header in headers)
        {
            _ = reply.With(header.Name, Encoding.Latin1.GetString(header.Value!));
        }

        return new() { Refusal = reply, Metadata = metadata };
    }

    private static void Check(IReadOnlyList<HeaderChange> changes)
    {
        if (changes.FirstOrDefault(change => !change.IsValid) is { } wrong)
        {
            throw new CalloutException($"the authorization service wants to change '{wrong.Name}', which cannot be done");
        }
    }
}
