using System.Net;
using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Proxy.Logging;

namespace Outrider.Proxy.Server;

/// <summary>Says in the log what of a configuration lets clients on other machines look into the process, or into its hands.</summary>
internal static class OpenDoors
{
    /// <summary>Warns, once for each of them.</summary>
    internal static void Tell(ProxyConfiguration configuration, ErrorLog log)
    {
        foreach (string warning in Of(configuration))
        {
            log.Write(StreamLogLevel.Warn, warning);
        }
    }

    /// <summary>The warnings.</summary>
    internal static IEnumerable<string> Of(ProxyConfiguration configuration)
    {
        bool hasToken = configuration.Admin?.Token is not null;
        if (configuration.Admin is { } admin && !IPAddress.IsLoopback(admin.EndPoint.Address) && !hasToken)
        {
            yield return admin.AllowRemote
                ? $"WARNING: admin listens on {admin.EndPoint} with allow_remote and without a token: whoever reaches it may read the configuration, and change hosts and logs"
                : $"WARNING: admin listens on {admin.EndPoint} without a token: whoever reaches it may read the configuration; what changes something answers this machine alone";
        }

        if (configuration.Pprof is { } pprof && !IPAddress.IsLoopback(pprof.EndPoint.Address) && !hasToken)
        {
            yield return pprof.AllowRemote
                ? $"WARNING: pprof listens on {pprof.EndPoint} with allow_remote and without a token: whoever reaches it may take dumps of the memory, with every secret in it"
                : $"WARNING: pprof listens on {pprof.EndPoint}: the runtime's counters answer whoever reaches it; dumps and profiles answer this machine alone";
        }
    }
}
