using System.Net;
using System.Text;
using Outrider.Filters;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.Access;

/// <summary>Lets clients pass, or answers them with 403, by their IP address: MOSN's <c>pkg/filter/stream/ipaccess</c>. The first list that names the client decides.</summary>
[StreamFilter("ip_access", Phase = ReceiverPhase.BeforeRoute, JsonContext = typeof(AccessJson))]
public sealed class IpAccessFilter(IpAccessConfig config) : StreamFilter
{
    private static readonly LocalReply s_denied = new(403) { Details = "ip_access_denied" };

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        var address = AddressOf(headers);
        if (IsAllowed(address))
        {
            return FilterAction.Continue;
        }

        config.Denied.Increment();
        if (Stream.Log.IsEnabled(StreamLogLevel.Info))
        {
            Stream.Log.Info($"{address?.ToString() ?? "a client without an address"} is blocked by ip_access");
        }

        return Reply(s_denied);
    }

    /// <summary>The filter keeps nothing of a stream.</summary>
    public override bool TryReset() => true;

    private bool IsAllowed(IPAddress? address)
    {
        for (int i = 0; address is not null && i < config.Ips?.Length; i++)
        {
            if (config.Ips[i].Set.Contains(address))
            {
                return config.Ips[i].Action == IpAccessListConfig.Allow;
            }
        }

        return config.DefaultAction == IpAccessListConfig.Allow;
    }

    private IPAddress? AddressOf(RequestHeaders headers)
    {
        if (config.HeaderBytes.Length > 0 && headers.Contains(config.HeaderBytes))
        {
            string list = Joined(headers);
            if (list.Length > 0)
            {
                string[] hops = list.Split(',');
                return AddressSet.TryRead(Encoding.Latin1.GetBytes(hops[Math.Max(0, hops.Length - 1 - config.TrustedHops)]), out var told) ? told : null;
            }
        }

        return Stream.DownstreamRemote?.Address;
    }

    // Several fields of one name are one list (RFC 9110 §5.3): otherwise a client's own first field would count.
    private string Joined(RequestHeaders headers)
    {
        string name = config.Header;
        string? first = null;
        foreach (var field in headers)
        {
            if (Ascii.EqualsIgnoreCase(field.Name, name))
            {
                string value = Encoding.Latin1.GetString(field.Value);
                first = first is null ? value : $"{first},{value}";
            }
        }

        return first?.Trim() ?? "";
    }
}
