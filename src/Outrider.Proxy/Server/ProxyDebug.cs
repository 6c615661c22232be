using System.Text;
using Outrider.Filters;
using Outrider.Proxy.Admin;
using Outrider.Proxy.Admin.Handlers;
using Outrider.Proxy.Configuration.Model;
using Outrider.Proxy.Logging;

namespace Outrider.Proxy.Server;

/// <summary>
/// <c>pprof</c> of a running proxy: pages about the process itself, where the configuration says. Used by the thread that starts, reloads and stops.
/// </summary>
/// <param name="pages">Those that whoever starts the proxy brings, beside the runtime's counters.</param>
internal sealed class ProxyDebug(IReadOnlyList<IAdminHandler> pages) : IDisposable
{
    private AdminServer? _server;
    private (PprofConfiguration? Pprof, string Access) _told;

    /// <summary>Where it listens; null where it does not.</summary>
    internal System.Net.IPEndPoint? EndPoint => _server?.EndPoint;

    /// <summary>Listens, where the configuration says so.</summary>
    /// <exception cref="IOException">The address cannot be had.</exception>
    internal void Start(ProxyConfiguration configuration)
    {
        _told = Told(configuration);
        if (configuration.Pprof is not { } pprof)
        {
            return;
        }

        var handlers = new AdminHandlers();
        handlers.Add(new HelpHandler(handlers, "/debug/pprof/"));
        handlers.Add(new CountersHandler());
        foreach (var page in pages)
        {
            handlers.Add(page);
        }

        var access = new AdminAccess(configuration.Admin?.Hosts ?? [], configuration.Admin?.Token) { AllowsRemote = pprof.AllowRemote };
        _server = AdminServer.Start(pprof.EndPoint, handlers, access);
    }

    /// <summary>Takes another configuration; an address that cannot be had leaves the proxy's own work alone.</summary>
    internal void Reload(ProxyConfiguration configuration, ErrorLog log)
    {
        if (Told(configuration) == _told)
        {
            return;
        }

        Dispose();
        try
        {
            Start(configuration);
        }
        catch (IOException e)
        {
            log.Write(StreamLogLevel.Error, e.Message);
        }
    }

    public void Dispose()
    {
        _server?.Dispose();
        _server = null;
    }

    private static (PprofConfiguration? Pprof, string Access) Told(ProxyConfiguration configuration)
        => (configuration.Pprof, new StringBuilder(configuration.Admin?.Token).Append('\n').AppendJoin('\n', configuration.Admin?.Hosts ?? []).ToString());
}
