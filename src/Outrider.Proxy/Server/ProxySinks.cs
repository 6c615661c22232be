using Outrider.Configuration.Model;
using Outrider.Proxy.Admin;
using Outrider.Proxy.Admin.Handlers;

namespace Outrider.Proxy.Server;

/// <summary>The metrics sinks of a running proxy, each a page where the configuration says. They are left alone when it says the same of metrics.</summary>
internal static class ProxySinks
{
    /// <summary>Those of a proxy.</summary>
    internal static FollowingPages Of(ProxyServer proxy) => new(TextOf, configuration => Start(proxy, configuration));

    private static IEnumerable<AdminServer> Start(ProxyServer proxy, ProxyConfiguration configuration)
    {
        var source = new ProxyAdminSource(proxy, proxy.Version);
        foreach (var sink in configuration.Metrics.Sinks)
        {
            var pages = new AdminHandlers();
            pages.Add(new SinkHandler(source, configuration.Metrics, sink));
            yield return AdminServer.Start(sink.EndPoint, pages, AdminAccess.Open);
        }
    }

    private static string TextOf(ProxyConfiguration configuration)
        => configuration.Metrics.Text;
}
