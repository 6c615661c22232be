using Outrider.Proxy.Configuration.Model;
using Outrider.Proxy.FilterChains;
using Outrider.Proxy.Logging.AccessLog;
using Outrider.Proxy.Routing;
using Outrider.Proxy.Tls;
using Outrider.Proxy.Upstream;
using HttpLimits = Outrider.Http.V1.HttpLimits;

namespace Outrider.Proxy.Server;

/// <summary>
/// All that one listener takes from one configuration. Immutable and shared by all loops: a reload makes new ones, new
/// streams begin with them, and streams that run keep theirs.
/// </summary>
internal sealed record ListenerSnapshot
{
    internal required ListenerConfiguration Configuration { get; init; }

    internal required HttpLimits Limits { get; init; }

    internal required RouterTable Router { get; init; }

    internal required ClusterSet Clusters { get; init; }

    /// <summary>How clients speak TLS; null for plain text.</summary>
    internal TlsAcceptor? Tls { get; init; }

    internal required FilterSet Filters { get; init; }

    internal required IReadOnlyList<AccessLogTarget> AccessLogs { get; init; }
}
