namespace Outrider.Configuration.Model;

/// <summary>A route of the <c>tcp_proxy</c>; what it does not say does not matter.</summary>
internal sealed record TcpRouteConfiguration
{
    /// <summary>The cluster, one that exists.</summary>
    public required string Cluster { get; init; }

    /// <summary>Addresses of which the client has one.</summary>
    public IReadOnlyList<AddressRange> SourceRanges { get; init; } = [];

    /// <summary>Addresses of which the client connected to one.</summary>
    public IReadOnlyList<AddressRange> DestinationRanges { get; init; } = [];

    /// <summary>Ports of which the client has one.</summary>
    public IReadOnlyList<PortRange> SourcePorts { get; init; } = [];

    /// <summary>Ports of which the client connected to one.</summary>
    public IReadOnlyList<PortRange> DestinationPorts { get; init; } = [];
}
