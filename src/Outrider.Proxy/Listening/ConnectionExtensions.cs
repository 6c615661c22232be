using Outrider.Filters;
using Outrider.Http.Streams;
using Outrider.Net.Listening;

namespace Outrider.Proxy.Listening;

/// <summary>What configurations can name that has to do with connections, and not with streams.</summary>
public sealed class ConnectionExtensions
{
    /// <summary>Listener filters.</summary>
    public ListenerFilterRegistry ListenerFilters { get; } = new();

    /// <summary>Network filters.</summary>
    public NetworkFilterRegistry NetworkFilters { get; } = new();

    /// <summary>Protocols, spoken with clients or with upstreams.</summary>
    public CodecRegistry Codecs { get; } = new();

    /// <summary>Load balancers.</summary>
    public LoadBalancerRegistry LoadBalancers { get; } = new();

    /// <summary>Health checkers, and who hears of health checks.</summary>
    public HealthCheckRegistry HealthChecks { get; } = new();

    /// <summary>Ends of filter chains.</summary>
    public ConnectionHandlerRegistry Handlers { get; } = new();
}
