using System.Text.Json;
using Outrider.Configuration.Json;
using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds the whole file. Clusters come first, since routes name them; then routers, since listeners name those.</summary>
internal static class RootBinder
{
    /// <summary>Null when an error (in the log) leaves nothing to build.</summary>
    public static ProxyConfiguration? Bind(ConfigurationDocument document, ProblemLog problems)
    {
        if (ObjectReader.Open(document.Root, problems) is not { } root)
        {
            return null;
        }

        var clusters = new ClusterBinder(problems);
        if (root.Object("cluster_manager") is { } manager)
        {
            clusters.Bind(manager);
        }

        var named = NamedFiltersBinder.Bind(root);
        ServerConfiguration? server = BindServer(root, clusters.Names, named);
        AdminConfiguration? admin = AdminBinder.Bind(root);
        PprofConfiguration? pprof = PprofBinder.Bind(root);
        MetricsConfiguration metrics = MetricsBinder.Bind(root);
        string path = Path.GetFullPath(document.FilePath);
        string folder = Path.GetDirectoryName(path) ?? "/";
        var (extensions, kept) = BindExtensions(root, folder);
        List<StreamFilterConfiguration> sources = BindSources(root);
        PluginConfiguration plugins = PluginBinder.Bind(root, folder);
        string? pidFile = root.Text("pid");

        // MOSN's smooth upgrade, which there is none of: whoever forbids it gets what they want. close_graceful is its older name.
        _ = root.Flag("disable_upgrade", false) | root.Flag("close_graceful", false);
        TracingBinder.Bind(root);

        // For editors alone: where the schema of the file is.
        _ = root.Text("$schema");
        BindDiscovery(root);
        root.Ignore("inherit_old_mosnconfig", "uds_dir", "third_part_codec", "wasm_global_plugins");
        var extends = ExtendsBinder.Bind(root);
        root.Finish();
        return server is null
            ? null
            : new ProxyConfiguration
            {
                Server = server,
                Clusters = clusters.Clusters,
                Admin = admin,
                Pprof = pprof,
                Metrics = metrics,
                NamedFilters = named,
                Extends = extends,
                Extensions = extensions,
                ExtensionsForGood = kept,
                Sources = sources,
                Plugins = plugins,
                PidFile = pidFile,
                FilePath = path,
                Json = document.Bytes,
                Origin = document.Root,
            };
    }

    // Who this is, for a control plane, and what it may change: without one they say nothing.
    private static void BindDiscovery(ObjectReader root)
    {
        bool isAsked = root.Object("dynamic_resources") is { } dynamic && dynamic.Node.Members.Count > 0;
        root.Ignore("dynamic_resources", "static_resources");
        foreach (string key in (ReadOnlySpan<string>)["node", "layered_runtime"])
        {
            if (isAsked)
            {
                root.Ignore(key);
            }

            _ = root.Object(key);
        }
    }

    private static ServerConfiguration? BindServer(ObjectReader root, IReadOnlySet<string> clusters, IReadOnlyList<NamedFiltersConfiguration> named)
    {
        ConfigurationNode? servers = root.Take("servers");
        IReadOnlyList<ConfigurationNode> items = root.Array("servers");
        if (items.Count == 1)
        {
            return ObjectReader.Open(items[0], root.Problems) is { } server ? ServerBinder.Bind(server, clusters, named) : null;
        }

        // Chains of filters alone: such a file is for whoever runs them elsewhere, as MOSN in Envoy does.
        if (servers is null && named.Count > 0)
        {
            return new ServerConfiguration();
        }

        if (servers is null || servers.Kind == System.Text.Json.JsonValueKind.Array)
        {
            root.Error("servers", $"must hold exactly one server, holds {(items.Count == 0 ? "none" : items.Count)}");
        }

        return null;
    }

    private static List<StreamFilterConfiguration> BindSources(ObjectReader root)
    {
        List<StreamFilterConfiguration> sources = [];
        foreach (var source in root.Objects("configuration_sources"))
        {
            if (source.RequiredText("type") is { } type)
            {
                if (sources.Exists(other => other.Type == type))
                {
                    source.Error("type", $"another configuration source is a \"{type}\"");
                }

                sources.Add(new StreamFilterConfiguration { Type = type, Entry = source.Node.ToValue(), ConfigValue = source.Object("config")?.Node.ToValue() });
            }

            source.Finish();
        }

        return sources;
    }

    // Each is a path, or an object with it.
    private static (string[] Paths, HashSet<string> ForGood) BindExtensions(ObjectReader root, string baseDirectory)
    {
        List<string> paths = [];
        HashSet<string> forGood = new(StringComparer.Ordinal);
        foreach (ConfigurationNode node in root.Array("extensions"))
        {
            bool isHot = true;
            var path = node;
            if (node.Kind == JsonValueKind.Object)
            {
                var entry = ObjectReader.Open(node, root.Problems)!;
                var hot = entry.Take("hot");
                isHot = hot is null or { Kind: JsonValueKind.True } || (hot.Kind == JsonValueKind.String && hot.Text == "on");
                if (hot is { Kind: not (JsonValueKind.True or JsonValueKind.False) } && hot.Text is not ("on" or "off"))
                {
                    ObjectReader.Wrong(hot, root.Problems, "true or false (\"on\" or \"off\")");
                }

                var found = entry.Take("path");
                entry.Finish();
                if (found is null)
                {
                    ObjectReader.Wrong(node, root.Problems, "an object with the \"path\" of a .dll");
                    continue;
                }

                path = found;
            }

            if (path.Kind != JsonValueKind.String || path.Text.Length == 0 || path.Text.Contains('\0'))
            {
                ObjectReader.Wrong(path, root.Problems, "the path of a .dll");
                continue;
            }

            string full = Path.GetFullPath(path.Text, baseDirectory);
            paths.Add(full);
            if (!isHot)
            {
                _ = forGood.Add(full);
            }
        }

        return ([.. paths], forGood);
    }
}
