using System.Net;
using System.Text.Json;
using Outrider.Configuration.Model;
namespace Outrider.Configuration.Binding;

/// <summary>Reads ranges of addresses and ports: as text, or as the objects that MOSN and Envoy write.</summary>
internal static class AddressRangeBinder
{
    private const string Wanted = "an address or a range, \"10.0.0.0/8\" or { \"address\": \"10.0.0.0\", \"length\": 8 }";

    /// <summary>The ranges in the array under a key.</summary>
    public static List<AddressRange> Ranges(ObjectReader reader, string key)
    {
        List<AddressRange> ranges = [];
        foreach (var node in reader.Array(key))
        {
            var range = node.Kind switch
            {
                JsonValueKind.String => AddressRange.Parse(node.Text),
                JsonValueKind.Object => Range(ObjectReader.Open(node, reader.Problems)!),
                _ => null,
            };
            if (range is null)
            {
                ObjectReader.Wrong(node, reader.Problems, Wanted);
            }
            else
            {
                ranges.Add(range);
            }
        }

        return ranges;
    }

    /// <summary>The ports in the text under a key (<c>"80,8000-8010"</c>), or the one number.</summary>
    public static IReadOnlyList<PortRange> Ports(ObjectReader reader, string key)
    {
        if (reader.Take(key) is not { } node)
        {
            return [];
        }

        if (node.Kind == JsonValueKind.Number)
        {
            return reader.TryInteger(node, 1, 65535, out long port) ? [new PortRange((int)port, (int)port)] : [];
        }

        if (node.Kind == JsonValueKind.String && PortRange.ParseList(node.Text) is { } ranges)
        {
            return ranges;
        }

        ObjectReader.Wrong(node, reader.Problems, "ports from 1 to 65535, such as \"80,8000-8010\"");
        return [];
    }

    // MOSN: address and length. Envoy: address_prefix and prefix_len, a number or { "value": 8 }.
    private static AddressRange? Range(ObjectReader range)
    {
        string? address = range.Text("address") ?? range.Text("address_prefix");
        string key = range.Take("length") is not null ? "length" : "prefix_len";
        var length = range.Take(key);
        if (length is { Kind: JsonValueKind.Object })
        {
            range = ObjectReader.Open(length, range.Problems)!;
            key = "value";
            length = range.Take(key);
        }

        if (address is null || !IPAddress.TryParse(address, out var ip))
        {
            return null;
        }

        return AddressRange.Create(ip, length is null ? 0 : range.Integer(key, -1, 0, 128));
    }
}
