using Outrider.Configuration.Model;
using Outrider.Configuration.Sources;
using Outrider.Filters;
using Outrider.Proxy.Plugins;
using Outrider.Proxy.Routing;
using Outrider.Proxy.Snapshots;
using Outrider.Security;
using Outrider.Upstream;

namespace Outrider.Proxy.Server;

/// <summary>All that has been made for a change of what is in force; exactly one of commit and abandon follows (<see cref="RuntimeStore"/>).</summary>
internal sealed class PreparedChange
{
    /// <summary>What holds with it.</summary>
    internal required LayeredConfiguration Layers { get; init; }

    /// <summary>What sources other than the file said and holds no longer, with the source's name.</summary>
    internal IReadOnlyList<(ResourceName Name, string Source)> Dropped { get; init; } = [];

    /// <summary>The sources of configurations that begin with it; null where those that run are left alone.</summary>
    internal IReadOnlyList<(StreamFilterConfiguration Configuration, IConfigurationSource Source)>? Sources { get; init; }

    /// <summary>Its clusters.</summary>
    internal required ClusterSet Clusters { get; init; }

    /// <summary>Its routers, by name.</summary>
    internal required IReadOnlyDictionary<string, CompiledRouter> Routers { get; init; }

    /// <summary>Its certificates.</summary>
    internal required TlsContextSet Tls { get; init; }

    /// <summary>Its plugins.</summary>
    internal required IPluginGeneration Plugins { get; init; }

    /// <summary>What becomes of the listeners.</summary>
    internal required ListenerChanges Listeners { get; init; }

    /// <summary>The snapshots that were made for it, each of them used once.</summary>
    internal required IReadOnlyList<ListenerSnapshot> Snapshots { get; init; }
}
