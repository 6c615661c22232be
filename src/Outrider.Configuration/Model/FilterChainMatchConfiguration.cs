namespace Outrider.Configuration.Model;

/// <summary>Which connections a filter chain is for; what is not said does not matter. Names are those of Envoy's <c>FilterChainMatch</c>.</summary>
internal sealed record FilterChainMatchConfiguration
{
    /// <summary>All connections.</summary>
    public static FilterChainMatchConfiguration All { get; } = new();

    /// <summary>Names that the client's TLS asks for, in lower case: <c>a.example.com</c>, or <c>*.example.com</c> for all below it.</summary>
    public IReadOnlyList<string> ServerNames { get; init; } = [];

    /// <summary>Protocols of which the client's TLS offers one.</summary>
    public IReadOnlyList<string> ApplicationProtocols { get; init; } = [];

    /// <summary><c>tls</c> or <c>raw_buffer</c>; empty for either.</summary>
    public string TransportProtocol { get; init; } = "";

    /// <summary>The port that the client connected to, as listener filters say; 0 for any.</summary>
    public int DestinationPort { get; init; }

    /// <summary>Addresses of which the client connected to one.</summary>
    public IReadOnlyList<AddressRange> DestinationRanges { get; init; } = [];

    /// <summary>What is for all connections that no other chain is for (<c>default_filter_chain</c>).</summary>
    public static FilterChainMatchConfiguration Default { get; } = new() { IsDefault = true };

    /// <summary>Is it for those connections alone that no other chain is for?</summary>
    public bool IsDefault { get; init; }

    /// <summary>Where the client is.</summary>
    public SourceType SourceType { get; init; }

    /// <summary>Addresses of which the client has one.</summary>
    public IReadOnlyList<AddressRange> SourceRanges { get; init; } = [];

    /// <summary>Ports of which the client has one.</summary>
    public IReadOnlyList<int> SourcePorts { get; init; } = [];

    /// <summary>Does anything of it stand in a ClientHello?</summary>
    public bool NeedsHello => ServerNames.Count > 0 || ApplicationProtocols.Count > 0 || TransportProtocol.Length > 0;

    /// <summary>Does it match everything?</summary>
    public bool IsAll => !IsDefault && !NeedsHello && SourceType == SourceType.Any && DestinationPort == 0 && DestinationRanges.Count == 0 && SourceRanges.Count == 0 && SourcePorts.Count == 0;

    /// <summary>Everything that it says, in one order: of two chains with the same, only one could ever be chosen.</summary>
    public string Key => string.Join('\n',
        string.Join(',', ServerNames.Order(StringComparer.Ordinal)), string.Join(',', ApplicationProtocols.Order(StringComparer.Ordinal)), TransportProtocol,
        IsDefault, SourceType, DestinationPort, string.Join(',', DestinationRanges.Select(range => range.Text).Order(StringComparer.Ordinal)),
        string.Join(',', SourceRanges.Select(range => range.Text).Order(StringComparer.Ordinal)), string.Join(',', SourcePorts.Order()));
}
