using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Proxy.Admin;

namespace Outrider.Proxy.Plugins;

/// <summary>Runs the plugins of a proxy in processes of their own. Whoever starts the proxy brings it; the proxy tells it of configurations.</summary>
internal interface IPluginHost : IAsyncDisposable
{
    /// <summary>Pages of the admin API that show and switch what it runs.</summary>
    IReadOnlyList<IAdminHandler> AdminPages { get; }

    /// <summary>A configuration is being loaded: its users of plugins register with what this returns. Nothing is started yet.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="log">Where what happens to plugins is told. Any thread.</param>
    IPluginGeneration Begin(ProxyConfiguration configuration, Action<StreamLogLevel, string> log);
}
