using System.Net;

namespace Outrider.Configuration.Model;

/// <summary>One host of a cluster.</summary>
internal sealed record HostConfiguration
{
    /// <summary>The address as it is written: <c>10.0.0.1:80</c>, <c>[::1]:80</c>, <c>backend:80</c>, <c>unix:/run/backend.sock</c>.</summary>
    public required string Address { get; init; }

    /// <summary>The address parsed: an <see cref="IPEndPoint"/>, a <see cref="DnsEndPoint"/> or a <see cref="System.Net.Sockets.UnixDomainSocketEndPoint"/>.</summary>
    public required EndPoint EndPoint { get; init; }

    /// <summary>The name that <see cref="RouteActionConfiguration.AutoHostRewrite"/> sends; may be empty.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>What subsets are made by.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>1 (the default) to 128.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Do both lists say the same, in the same order?</summary>
    public static bool AreSame(IReadOnlyList<HostConfiguration> one, IReadOnlyList<HostConfiguration> other)
        => ReferenceEquals(one, other) || (one.Count == other.Count && one.Zip(other).All(static pair => pair.First.IsSame(pair.Second)));

    /// <summary>Does the other say the same?</summary>
    public bool IsSame(HostConfiguration other) => Address == other.Address && Hostname == other.Hostname && Weight == other.Weight
        && Metadata.Count == other.Metadata.Count && Metadata.All(pair => other.Metadata.TryGetValue(pair.Key, out string? value) && value == pair.Value);
}
