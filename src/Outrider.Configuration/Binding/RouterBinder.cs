using System.Text.Json;
using Outrider.Configuration.Json;
using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds <c>routers</c>, and knows their names for the listeners.</summary>
internal sealed class RouterBinder(ProblemLog problems, IReadOnlySet<string> clusters)
{
    private readonly List<RouterConfiguration> _routers = [];
    private readonly List<ConfigurationNode> _required = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>What has been bound.</summary>
    public IReadOnlyList<RouterConfiguration> Routers => _routers;

    public void Bind(IEnumerable<ObjectReader> routers)
    {
        foreach (ObjectReader router in routers)
        {
            string? name = router.RequiredText("router_config_name");
            if (name is not null && !_names.Add(name))
            {
                router.Error("router_config_name", $"another router is named \"{name}\"");
            }

            _routers.Add(BindOne(router, name ?? ""));
        }
    }

    /// <summary>Routers of these names are there already.</summary>
    public void Know(IEnumerable<string> names) => _names.UnionWith(names);

    /// <summary>Adds the router of a <c>connection_manager</c> filter. One of the same name in <c>routers</c> wins, as in MOSN.</summary>
    public void AddDeprecated(ObjectReader? router)
    {
        // The filter may be there for other reasons; without a name MOSN passes over it.
        if (router?.Text("router_config_name") is not { } name)
        {
            if (router?.Take("virtual_hosts") is not null)
            {
                router.Warning("router_config_name", "is missing: nothing can name this router, which is passed over");
                _ = BindOne(router, "");
            }

            return;
        }

        RouterConfiguration configuration = BindOne(router, name);
        if (_names.Add(name))
        {
            _routers.Add(configuration);
        }
        else
        {
            router.Warning("router_config_name", $"another router is named \"{name}\"; this one is ignored");
        }
    }

    /// <summary>Notes that a listener names a router.</summary>
    public void Require(ConfigurationNode name) => _required.Add(name);

    /// <summary>Checks the names that listeners use; called when every router is known, since a later listener may bring one.</summary>
    public void CheckRequired()
    {
        foreach (ConfigurationNode node in _required.Where(n => !_names.Contains(n.Text)))
        {
            string known = _names.Count == 0 ? "there is none" : "there are: " + string.Join(", ", _names.Order(StringComparer.Ordinal));
            problems.Error(node, $"no router is named \"{node.Text}\"; {known}");
        }
    }

    private RouterConfiguration BindOne(ObjectReader router, string name)
    {
        var hosts = new VirtualHostBinder(clusters);
        IReadOnlyList<ObjectReader> files = JsonDirectory.Read(router, "router_configs");
        if (router.Text("router_configs") is not null && router.Take("virtual_hosts") is { Kind: JsonValueKind.Array, Items.Count: > 0 })
        {
            router.Error("router_configs", "stands beside virtual_hosts; only one of them may be given");
        }

        var configuration = new RouterConfiguration
        {
            Name = name,
            Text = router.TextWith(files),
            VirtualHosts = [.. router.Objects("virtual_hosts").Concat(files).Select(hosts.Bind)],
            HeaderMutations = HeaderMutationsBinder.Bind(router),
        };
        if (configuration.VirtualHosts.Count == 0)
        {
            router.Warning("virtual_hosts", "no virtual host: every request will be answered with 404");
        }

        router.Finish();
        return configuration;
    }
}
