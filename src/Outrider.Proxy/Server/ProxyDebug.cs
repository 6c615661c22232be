using System.Text;
using Outrider.Configuration.Model;
using Outrider.Proxy.Admin;
using Outrider.Proxy.Admin.Handlers;

namespace Outrider.Proxy.Server;

/// <summary><c>pprof</c> of a running proxy: pages about the process itself, where the configuration says.</summary>
internal static class ProxyDebug
{
    /// <summary>Those of a proxy.</summary>
    /// <param name="pages">What whoever starts the proxy brings, beside the runtime's counters.</param>
    internal static FollowingPages Of(IReadOnlyList<IAdminHandler> pages) => new(static configuration => Told(configuration), configuration => Start(pages, configuration));

    private static IEnumerable<AdminServer> Start(IReadOnlyList<IAdminHandler> pages, ProxyConfiguration configuration)
    {
        if (configuration.Pprof is not { } pprof)
        {
            yield break;
        }

        var handlers = new AdminHandlers();
        handlers.Add(new HelpHandler(handlers, "/debug/pprof/"));
        handlers.Add(new CountersHandler());
        foreach (var page in pages)
        {
            handlers.Add(page);
        }

        yield return AdminServer.Start(
            pprof.EndPoint, handlers, new AdminAccess(configuration.Admin?.Hosts ?? [], configuration.Admin?.Token) { AllowsRemote = pprof.AllowRemote });
    }

    private static (PprofConfiguration? Pprof, string Access) Told(ProxyConfiguration configuration)
        => (configuration.Pprof, new StringBuilder(configuration.Admin?.Token).Append('\n').AppendJoin('\n', configuration.Admin?.Hosts ?? []).ToString());
}
