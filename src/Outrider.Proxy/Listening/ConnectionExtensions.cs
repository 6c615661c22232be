using Outrider.Filters;
using Outrider.Http.Streams;
using Outrider.Net.Listening;
using Outrider.Upstream;

namespace Outrider.Proxy.Listening;

/// <summary>What configurations can name beside stream filters and certificates: what has to do with connections, and where more of the configuration comes from.</summary>
public sealed class ConnectionExtensions
{
    /// <summary>Listener filters.</summary>
    public ListenerFilterRegistry ListenerFilters { get; } = new();

    /// <summary>Network filters.</summary>
    public NetworkFilterRegistry NetworkFilters { get; } = new();

    /// <summary>Protocols, spoken with clients or with upstreams.</summary>
    public CodecRegistry Codecs { get; } = new();

    /// <summary>What upstreams are spoken to in, by the names that configurations use.</summary>
    internal UpstreamProtocols Protocols => field ??= new UpstreamProtocols(Codecs);

    /// <summary>Load balancers.</summary>
    public LoadBalancerRegistry LoadBalancers { get; } = new();

    /// <summary>Health checkers, and who hears of health checks.</summary>
    public HealthCheckRegistry HealthChecks { get; } = new();

    /// <summary>Sources of configurations beside the file.</summary>
    public ConfigurationSourceRegistry ConfigurationSources { get; } = new();

    /// <summary>Who has a say in which route a request takes.</summary>
    public RouteHandlerRegistry RouteHandlers { get; } = new();

    /// <summary>Who reads entries of <c>extends</c>.</summary>
    public ConfigurationExtensionRegistry Configurations { get; } = new();

    /// <summary>Ends of filter chains.</summary>
    public ConnectionHandlerRegistry Handlers { get; } = new();
}
