using Outrider.Filters;
using Outrider.Proxy.Admin;
using Outrider.Proxy.Admin.Handlers;
using Outrider.Proxy.Configuration.Model;
using Outrider.Proxy.Logging;

namespace Outrider.Proxy.Server;

/// <summary>The metrics sinks of a running proxy, each a page where the configuration says. Used by the thread that starts, reloads and stops.</summary>
internal sealed class ProxySinks(ProxyServer proxy) : IDisposable
{
    private readonly List<AdminServer> _servers = [];
    private string _told = "";

    /// <summary>Where they listen, in the order of the file.</summary>
    internal IEnumerable<System.Net.IPEndPoint> EndPoints => _servers.Select(static server => server.EndPoint);

    /// <summary>Starts them.</summary>
    /// <exception cref="IOException">An address cannot be had.</exception>
    internal void Start(ProxyConfiguration configuration)
    {
        _told = TextOf(configuration);
        var source = new ProxyAdminSource(proxy, proxy.Version);
        foreach (var sink in configuration.Metrics.Sinks)
        {
            var pages = new AdminHandlers();
            pages.Add(new SinkHandler(source, configuration.Metrics, sink));
            _servers.Add(AdminServer.Start(sink.EndPoint, pages, AdminAccess.Open));
        }
    }

    /// <summary>Takes another configuration. They are left alone when it says the same of metrics; one that cannot be had leaves the proxy's own work alone.</summary>
    internal void Reload(ProxyConfiguration configuration, ErrorLog log)
    {
        if (TextOf(configuration) == _told)
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
        _servers.ForEach(static server => server.Dispose());
        _servers.Clear();
    }

    private static string TextOf(ProxyConfiguration configuration)
        => configuration.Document.Root.Find("metrics") is { } node ? System.Text.Encoding.UTF8.GetString(node.Json.Span) : "";
}
