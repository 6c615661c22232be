using System.Globalization;
using System.Net;
using System.Text.Json;
using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds a filter chain's <c>match</c>: MOSN's text, or an object with the fields of Envoy's <c>FilterChainMatch</c>.</summary>
internal static class FilterChainMatchBinder
{
    private static readonly Dictionary<string, SourceType> s_sourceTypes = new(StringComparer.Ordinal)
    {
        ["ANY"] = SourceType.Any,
        ["SAME_IP_OR_LOOPBACK"] = SourceType.SameIpOrLoopback,
        ["EXTERNAL"] = SourceType.External,
    };

    private static readonly string[] s_transports = ["tls", "raw_buffer"];

    private static readonly Dictionary<string, string> s_transportNames = s_transports.ToDictionary(static name => name, StringComparer.Ordinal);

    /// <summary>The match of a chain.</summary>
    public static FilterChainMatchConfiguration Bind(ObjectReader chain)
    {
        string key = chain.Take("filter_chain_match") is not null ? "filter_chain_match" : "match";
        if (chain.Take(key) is not { } node)
        {
            return FilterChainMatchConfiguration.All;
        }

        _ = chain.Take("match");
        if (node.Kind == JsonValueKind.Object)
        {
            return FromObject(ObjectReader.Open(node, chain.Problems)!);
        }

        if (node.Kind != JsonValueKind.String)
        {
            ObjectReader.Wrong(node, chain.Problems, "an object or MOSN's text");
            return FilterChainMatchConfiguration.All;
        }

        try
        {
            return FromText(MatchText.Parse(node.Text));
        }
        catch (FormatException e)
        {
            chain.Problems.Error(node, "cannot be understood: " + e.Message);
            return FilterChainMatchConfiguration.All;
        }
    }

    private static FilterChainMatchConfiguration FromObject(ObjectReader match)
    {
        List<string> names = [];
        foreach (var node in match.Texts("server_names"))
        {
            if (ServerName(node.Text) is { } name)
            {
                names.Add(name);
            }
            else
            {
                ObjectReader.Wrong(node, match.Problems, "a name, or *. and a name");
            }
        }

        string transport = match.Choice("transport_protocol", "", s_transportNames);

        var configuration = new FilterChainMatchConfiguration
        {
            ServerNames = names,
            ApplicationProtocols = [.. match.Texts("application_protocols").Select(node => node.Text)],
            TransportProtocol = transport,
            DestinationPort = match.Take("destination_port") is { Kind: JsonValueKind.Object } value
                ? ObjectReader.Open(value, match.Problems)!.Integer("value", 0, 1, 65535)
                : match.IntegerOrDefault("destination_port", 0, 1, 65535),
            DestinationRanges = AddressRangeBinder.Ranges(match, "prefix_ranges"),
            SourceType = match.Choice("source_type", SourceType.Any, s_sourceTypes),
            SourceRanges = AddressRangeBinder.Ranges(match, "source_prefix_ranges"),
            SourcePorts = [.. match.Array("source_ports").Select(node => match.TryInteger(node, 1, 65535, out long port) ? (int)port : 0).Where(port => port > 0)],
        };
        // What would have kept connections away must not be passed over: the chain would get connections that were not meant for it.
        foreach (string key in (ReadOnlySpan<string>)["direct_source_prefix_ranges", "address_suffix", "suffix_len"])
        {
            if (match.Take(key) is not null)
            {
                match.Error(key, "is not supported");
            }
        }

        match.Finish();
        return configuration;
    }

    private static FilterChainMatchConfiguration FromText(IReadOnlyList<MatchTextField> fields)
    {
        List<string> names = [], protocols = [];
        List<AddressRange> sources = [], destinations = [];
        List<int> ports = [];
        string transport = "";
        int destination = 0;
        var sourceType = SourceType.Any;
        foreach (var field in fields)
        {
            switch (field.Name)
            {
                case "server_names":
                    names.Add(ServerName(Text(field)) ?? throw new FormatException($"server_names: \"{field.Text}\" is no name"));
                    break;
                case "application_protocols":
                    protocols.Add(Text(field));
                    break;
                case "transport_protocol":
                    transport = s_transports.Contains(Text(field)) ? field.Text! : throw new FormatException($"transport_protocol: wanted tls or raw_buffer, found \"{field.Text}\"");
                    break;
                case "destination_port":
                    destination = Port(field.Text is null && field.Fields is [var value] ? value : field);
                    break;
                case "source_ports":
                    ports.Add(Port(field));
                    break;
                case "source_type":
                    sourceType = s_sourceTypes.TryGetValue(Text(field), out var type) ? type : throw new FormatException($"source_type: wanted one of {string.Join(", ", s_sourceTypes.Keys)}, found \"{field.Text}\"");
                    break;
                case "prefix_ranges":
                    destinations.Add(Range(field));
                    break;
                case "source_prefix_ranges":
                    sources.Add(Range(field));
                    break;
                default:
                    throw new FormatException($"{field.Name} is not supported");
            }
        }

        return new FilterChainMatchConfiguration
        {
            ServerNames = names,
            ApplicationProtocols = protocols,
            TransportProtocol = transport,
            DestinationPort = destination,
            DestinationRanges = destinations,
            SourceType = sourceType,
            SourceRanges = sources,
            SourcePorts = ports,
        };
    }

    // Envoy: a star stands for whole labels, and only at the front.
    private static string? ServerName(string name)
    {
        string rest = name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;
        return rest.Length is > 0 and <= 253 && !rest.Contains('*', StringComparison.Ordinal) ? name.ToLowerInvariant() : null;
    }

    private static string Text(MatchTextField field) => field.Text ?? throw new FormatException($"{field.Name} is no message");

    private static int Port(MatchTextField field)
        => int.TryParse(Text(field), NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and <= 65535
            ? port
            : throw new FormatException($"{field.Name}: wanted a port from 1 to 65535");

    private static AddressRange Range(MatchTextField field)
    {
        string? address = field.Fields.FirstOrDefault(f => f.Name == "address_prefix")?.Text;
        var length = field.Fields.FirstOrDefault(f => f.Name == "prefix_len");
        string bits = length is null ? "0" : length.Text ?? (length.Fields.Count > 0 ? length.Fields[0].Text : null) ?? "0";
        return IPAddress.TryParse(address, out var ip) && int.TryParse(bits, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && AddressRange.Create(ip, count) is { } range
            ? range
            : throw new FormatException($"{field.Name}: wanted an address_prefix and a prefix_len");
    }
}
