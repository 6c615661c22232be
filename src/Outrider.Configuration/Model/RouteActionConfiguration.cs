namespace Outrider.Configuration.Model;

/// <summary>Forwards a request. One of <see cref="ClusterName"/>, <see cref="ClusterHeader"/> and <see cref="WeightedClusters"/> says where to.</summary>
internal sealed record RouteActionConfiguration
{
    /// <summary>What MOSN waits for a response when a route does not say (its <c>GlobalTimeout</c>).</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    /// <summary>The cluster, one that exists; null when another property names it.</summary>
    public string? ClusterName { get; init; }

    /// <summary>The request header that names the cluster; null when another property names it.</summary>
    public string? ClusterHeader { get; init; }

    /// <summary>Clusters that share the requests by weight; empty when another property names the cluster.</summary>
    public IReadOnlyList<WeightedClusterConfiguration> WeightedClusters { get; init; } = [];

    /// <summary>The names of the clusters that the configuration itself names.</summary>
    public IEnumerable<string> ClusterNames => ClusterName is { } name ? [name] : WeightedClusters.Select(static cluster => cluster.Name);

    /// <summary>Sum of the weights of <see cref="WeightedClusters"/>.</summary>
    public long TotalWeight { get; init; }

    /// <summary>Longest time from the end of the request to the head of the response, retries included, and longest silence within the response's body. Default 60 s, which zero stands for as well, as in MOSN.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>Longest time from the request's first byte to the end of the response (<c>max_stream_duration</c>); zero, the default, for no limit.</summary>
    public TimeSpan MaxStreamDuration { get; init; }

    /// <summary>What replaces the matched prefix, or the matched path of a <c>path</c> match; null leaves the path alone.</summary>
    public string? PrefixRewrite { get; init; }

    /// <summary>How the path is rewritten; null leaves it alone. Never set together with <see cref="PrefixRewrite"/>.</summary>
    public RegexRewriteConfiguration? RegexRewrite { get; init; }

    /// <summary>The Host that upstream sees; null leaves it alone.</summary>
    public string? HostRewrite { get; init; }

    /// <summary>Upstream sees the chosen host's <see cref="HostConfiguration.Hostname"/>. MOSN does so for <see cref="ClusterType.StrictDns"/> clusters only, and not when <see cref="HostRewrite"/> is set.</summary>
    public bool AutoHostRewrite { get; init; }

    /// <summary>Which subset of the cluster's hosts requests go to, where the cluster has subsets; metadata that filters set under the same keys wins.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> MetadataMatch { get; init; } = [];

    /// <summary>What load balancers know requests by that belong together: the first source that a request has. Empty for nothing.</summary>
    public IReadOnlyList<HashSource> HashPolicy { get; init; } = [];

    /// <summary>What happens to headers; applied before the virtual host's and the router's.</summary>
    public HeaderMutations HeaderMutations { get; init; } = HeaderMutations.None;

    /// <summary>What the upstream is spoken to in; null, the default, for what the listener says.</summary>
    public ProtocolConfiguration? UpstreamProtocol { get; init; }

    /// <summary>When a failed request is tried again; null means never.</summary>
    public RetryPolicyConfiguration? RetryPolicy { get; init; }
}
