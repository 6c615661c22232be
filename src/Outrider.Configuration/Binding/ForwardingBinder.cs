using System.Text.Json;
using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds what upstreams are told about clients, and who is believed about them.</summary>
internal static class ForwardingBinder
{
    // More proxies in a row than anybody has; Envoy knows no limit.
    private const int MaxHops = 255;

    private static readonly Dictionary<string, XForwardedForMode> s_modes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["append"] = XForwardedForMode.Append,
        ["replace"] = XForwardedForMode.Replace,
        ["off"] = XForwardedForMode.Off,
    };

    public static ForwardingConfiguration Bind(ObjectReader limits)
    {
        var defaults = new ForwardingConfiguration();
        return new ForwardingConfiguration
        {
            For = limits.Choice("x_forwarded_for", defaults.For, s_modes),
            Host = limits.Choice("x_forwarded_host", defaults.Host, s_modes),
            Port = limits.Choice("x_forwarded_port", defaults.Port, s_modes),
            Forwarded = limits.Choice("forwarded", defaults.Forwarded, s_modes),
            ClientCertificate = limits.Choice("x_forwarded_client_cert", defaults.ClientCertificate, s_modes),
            Trusted = Trusted(limits),
            GenerateRequestId = limits.Flag("generate_request_id", defaults.GenerateRequestId),
        };
    }

    private static TrustedProxies Trusted(ObjectReader limits)
    {
        int hops = limits.Integer("trusted_hops", 0, 0, MaxHops);
        List<AddressRange> ranges = [];
        bool unix = false;
        foreach (var node in limits.Array("trusted_addresses"))
        {
            if (node.Kind == JsonValueKind.String && node.Text == "unix")
            {
                unix = true;
            }
            else if (node.Kind == JsonValueKind.String && AddressRange.Parse(node.Text) is { } range)
            {
                ranges.Add(range);
            }
            else
            {
                ObjectReader.Wrong(node, limits.Problems, "an address, a range such as \"10.0.0.0/8\", or \"unix\"");
            }
        }

        if (hops > 0 && (ranges.Count > 0 || unix))
        {
            limits.Error("trusted_hops", "stands beside trusted_addresses: the client's address is found by one of them");
        }

        return ranges.Count == 0 && !unix && hops == 0 ? new() : new() { Hops = hops, Addresses = ranges, Unix = unix };
    }
}
