namespace Outrider.Configuration.Model;

/// <summary>One upstream cluster.</summary>
internal sealed record ClusterConfiguration
{
    /// <summary>The name that routes use.</summary>
    public required string Name { get; init; }

    /// <summary>All that is written of it but its hosts; null where that cannot be told.</summary>
    public ResourceText? Text { get; init; }

    /// <summary>Where its hosts come from. Default <see cref="ClusterType.Simple"/>.</summary>
    public ClusterType Type { get; init; }

    /// <summary>How a host is chosen. Default: one after the other.</summary>
    public BalancerConfiguration LoadBalancer { get; init; } = new();

    /// <summary>Requests that one connection carries before it is closed; 0 means no limit. Default 1024.</summary>
    public int MaxRequestsPerConnection { get; init; } = 1024;

    /// <summary>Bytes that may wait on one connection, 1024 or more (<c>conn_buffer_limit_bytes</c>). Default 32 768, which 0 stands for as well.</summary>
    public int ConnectionBufferLimit { get; init; } = 32768;

    /// <summary>Longest head of a response (status line and fields; trailers separately) in bytes, 1024 to 1 MiB (<c>max_response_header_size</c>). Default 65 536, which 0 stands for as well.</summary>
    public int MaxResponseHeaderSize { get; init; } = 64 * 1024;

    /// <summary>Most fields in the head of a response, 1 to 4096 (<c>max_response_header_count</c>). Default 1024: some set a cookie for everything, and the size bounds the memory.</summary>
    public int MaxResponseHeaderCount { get; init; } = 1024;

    /// <summary>Longest time to make a connection. Default 3 s, which zero stands for as well; MOSN's is 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a pooled connection is kept without a request; zero means for ever. Default 60 s.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Connections to each host on all loops together, beyond the one that each loop may always have; 0, the default, means no limit (<c>max_connections</c>).</summary>
    public int MaxConnections { get; init; }

    /// <summary>What holds for connections that carry many exchanges (<c>Http2</c>).</summary>
    public UpstreamHttp2Configuration Http2 { get; init; } = new();

    /// <summary>How the hosts are spoken to in TLS; null for plain text.</summary>
    public TlsConfiguration? Tls { get; init; }

    /// <summary>How it is divided by its hosts' metadata; null when it is not.</summary>
    public SubsetConfiguration? Subsets { get; init; }

    /// <summary>How names among its hosts are looked up.</summary>
    public DnsConfiguration Dns { get; init; } = new();

    /// <summary>How a host that has become healthy gets its share (<c>slow_start</c>); null for at once.</summary>
    public SlowStartConfiguration? SlowStart { get; init; }

    /// <summary>The cookie that clients keep to their host by (<c>session_affinity</c>); null for none.</summary>
    public AffinityConfiguration? Affinity { get; init; }

    /// <summary>The hosts that requests go to rather than to others (<c>zone_preference</c>); null for none.</summary>
    public ZonePreference? Zone { get; init; }

    /// <summary>How much may be going on there (<c>circuit_breakers</c>). Default: no limits, and a budget for tries after the first.</summary>
    public CircuitBreakersConfiguration Breakers { get; init; } = new();

    /// <summary>How the hosts are checked (<c>health_check</c>); null for not at all.</summary>
    public HealthCheckConfiguration? HealthCheck { get; init; }

    /// <summary>When hosts are ejected for what they do with requests (<c>outlier_detection</c>); null for never.</summary>
    public OutlierConfiguration? Outliers { get; init; }

    /// <summary>With fewer healthy hosts than this, in per cent, requests go to all hosts, the sick ones too (<c>panic_threshold</c>); 0, the default, for never.</summary>
    public int PanicThreshold { get; init; }

    /// <summary>The hosts; no address stands twice. Without any, requests are answered with 503.</summary>
    public IReadOnlyList<HostConfiguration> Hosts { get; init; } = [];

    /// <summary>Does the other say the same of everything but the hosts?</summary>
    public bool IsSame(ClusterConfiguration other) => ReferenceEquals(this, other) || Text?.IsSame(other.Text) == true;
}
