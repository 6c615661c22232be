using System.Text;
using Outrider.Filters;

namespace Outrider.StockFilters.Auth;

/// <summary>Lets requests pass that bear a key which is known: 401 without one, 403 where the route is not for its client.</summary>
[StreamFilter("api_key", Phase = ReceiverPhase.AfterRoute, JsonContext = typeof(AuthJson))]
public sealed class ApiKeyFilter(ApiKeyConfig config) : StreamFilter
{
    private static readonly LocalReply s_missing = new(401, "an API key is needed") { Details = "api_key_missing" };
    private static readonly LocalReply s_unknown = new(401, "the API key is not known") { Details = "api_key_unknown" };
    private static readonly LocalReply s_forbidden = new(403, "the API key is not for this") { Details = "api_key_forbidden" };

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        // A route may say who is allowed and leave the keys to the listener.
        var route = Stream.ConfigurationOr(config);
        var keys = route.Credentials is null or [] ? config : route;
        byte[] header = route.ClientHeader.Length > 0 ? route.ClientHeader : keys.ClientHeader;
        if (header.Length > 0)
        {
            // A client does not say who it is.
            _ = headers.Remove(header);
        }

        if (route.Disable)
        {
            return FilterAction.Continue;
        }

        if (!TryFind(keys, headers, out var source, out byte[] key))
        {
            return Deny(config, s_missing, "missing");
        }

        if (keys.ClientOf(key) is not { } client)
        {
            return Deny(config, s_unknown, "unknown");
        }

        if (route.AllowedClients is { } allowed && !allowed.Contains(client))
        {
            return Deny(config, s_forbidden, "forbidden");
        }

        if (keys.HideCredentials || route.HideCredentials)
        {
            RequestCredential.Remove(headers, source);
        }

        if (header.Length > 0)
        {
            headers.Set(header, Encoding.UTF8.GetBytes(client));
        }

        return FilterAction.Continue;
    }

    /// <summary>The filter keeps nothing of a stream.</summary>
    public override bool TryReset() => true;

    private static FilterAction Deny(ApiKeyConfig config, LocalReply reply, string reason)
    {
        config.Denied.Add(1, reason);
        return Reply(reply);
    }

    private static bool TryFind(ApiKeyConfig keys, RequestHeaders headers, out ApiKeySourceConfig source, out byte[] key)
    {
        foreach (var one in keys.KeySources ?? [])
        {
            if (RequestCredential.Find(headers, one) is { Length: > 0 } found)
            {
                source = one;
                key = found;
                return true;
            }
        }

        source = null!;
        key = [];
        return false;
    }
}
