using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Proxy.Admin;
using Outrider.Proxy.Admin.Handlers;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Plugins;

namespace Outrider.Proxy.Server;

/// <summary>The admin API of a running proxy: where the configuration says, with the pages that it names. Used by the thread that starts, reloads and stops.</summary>
internal sealed class ProxyAdmin(ProxyServer proxy, ProxyParts parts) : IDisposable
{
    private readonly AdminHandlerRegistry _handlers = new();
    private AdminServer? _server;

    /// <summary>Where it listens, or null.</summary>
    internal System.Net.IPEndPoint? EndPoint => _server?.EndPoint;

    /// <summary>Are there the pages that a configuration names, among those that every proxy has to offer?</summary>
    /// <exception cref="ConfigurationException">One of them is not there.</exception>
    internal static void Check(ProxyConfiguration configuration) => Check(configuration, new AdminHandlerRegistry());

    /// <summary>Takes what the configuration says of pages and access, and listens where it has an address of its own.</summary>
    /// <exception cref="ConfigurationException">A page is not there, or two have one path.</exception>
    /// <exception cref="IOException">The address cannot be had.</exception>
    internal void Start(ProxyConfiguration configuration)
    {
        try
        {
            var source = new ProxyAdminSource(proxy, proxy.Version);
            parts.Admin.Use(
                _handlers.AddTo(BuiltInPages.Of(source), source, configuration.Admin?.Handlers ?? [], PluginPages()),
                new AdminAccess(configuration.Admin?.Hosts ?? [], configuration.Admin?.Token) { AllowsRemote = configuration.Admin?.AllowRemote ?? false });
        }
        catch (ArgumentException e)
        {
            throw new ConfigurationException([configuration.ProblemAt("admin.handlers", e.Message)]);
        }

        if (configuration.Admin is { } admin && _server is null)
        {
            _server = AdminServer.Start(admin.EndPoint, parts.Admin);
        }
    }

    /// <summary>As <see cref="Check(ProxyConfiguration)"/>, for a proxy that runs.</summary>
    /// <exception cref="ConfigurationException">A page is not there.</exception>
    internal void CheckReload(ProxyConfiguration configuration) => Check(configuration, _handlers);

    /// <summary>Moves to where the next configuration says. It is left alone when nothing of it changes, and a failure to move leaves the proxy's own work alone.</summary>
    internal void Reload(ProxyConfiguration configuration, ErrorLog log)
    {
        if (IsSame(configuration.Admin, proxy.Configuration.Admin))
        {
            return;
        }

        if (configuration.Admin?.EndPoint.Equals(proxy.Configuration.Admin?.EndPoint) != true)
        {
            _server?.Dispose();
            _server = null;
        }

        try
        {
            Start(configuration);
        }
        catch (Exception e) when (e is IOException or ConfigurationException)
        {
            log.Write(StreamLogLevel.Error, e.Message);
        }
    }

    public void Dispose() => _server?.Dispose();

    private static bool IsSame(AdminConfiguration? one, AdminConfiguration? other)
        => one is null || other is null
            ? one == other
            : one.EndPoint.Equals(other.EndPoint) && one.Token == other.Token && one.AllowRemote == other.AllowRemote && one.Handlers.SequenceEqual(other.Handlers) && one.Hosts.SequenceEqual(other.Hosts);

    private static void Check(ProxyConfiguration configuration, AdminHandlerRegistry handlers)
    {
        if (configuration.Admin?.Handlers.FirstOrDefault(name => handlers.Find(name) is null) is { } unknown)
        {
            throw new ConfigurationException(configuration.ProblemAt("admin.handlers", $"there is no admin handler named '{unknown}'"));
        }
    }

    private IEnumerable<IAdminHandler> PluginPages() => parts.Plugins?.AdminPages ?? [];
}
