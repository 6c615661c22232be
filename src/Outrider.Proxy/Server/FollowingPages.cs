using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Proxy.Admin;
using Outrider.Proxy.Logging;

namespace Outrider.Proxy.Server;

/// <summary>
/// Servers of pages that begin anew when what the configuration says of them changes, and only then. Used by the thread that starts, reloads and stops.
/// </summary>
/// <param name="told">What a configuration says of them, to be compared.</param>
/// <param name="start">Starts those that a configuration asks for, one after the other.</param>
internal sealed class FollowingPages(Func<ProxyConfiguration, object> told, Func<ProxyConfiguration, IEnumerable<AdminServer>> start) : IDisposable
{
    private readonly List<AdminServer> _servers = [];
    private object? _told;

    /// <summary>Where they listen, in the order of the file.</summary>
    internal IEnumerable<System.Net.IPEndPoint> EndPoints => _servers.Select(static server => server.EndPoint);

    /// <summary>Starts them.</summary>
    /// <exception cref="IOException">An address cannot be had.</exception>
    internal void Start(ProxyConfiguration configuration)
    {
        _told = told(configuration);
        foreach (var server in start(configuration))
        {
            _servers.Add(server);
        }
    }

    /// <summary>Takes another configuration; an address that cannot be had leaves the proxy's own work alone.</summary>
    internal void Reload(ProxyConfiguration configuration, ErrorLog log)
    {
        if (told(configuration).Equals(_told))
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
}
