using Outrider.Proxy.Configuration.Json;
using Outrider.Proxy.Configuration.Model;

namespace Outrider.Proxy.Configuration.Binding;

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

        ServerConfiguration? server = BindServer(root, clusters.Names);
        AdminConfiguration? admin = AdminBinder.Bind(root);
        string path = Path.GetFullPath(document.FilePath);
        string folder = Path.GetDirectoryName(path) ?? "/";
        string[] extensions = BindExtensions(root, folder);
        List<StreamFilterConfiguration> sources = BindSources(root);
        PluginConfiguration plugins = PluginBinder.Bind(root, folder);
        string? pidFile = root.Text("pid");

        // MOSN's smooth upgrade, which there is none of: whoever forbids it gets what they want, and close_graceful speaks of the same.
        _ = root.Take("disable_upgrade");
        root.Ignore("close_graceful", "inherit_old_mosnconfig", "tracing", "metrics", "dynamic_resources",
            "static_resources", "node", "pprof", "uds_dir", "third_part_codec", "extends", "wasm_global_plugins");
        root.Finish();
        return server is null
            ? null
            : new ProxyConfiguration
            {
                Server = server,
                Clusters = clusters.Clusters,
                Admin = admin,
                Extensions = extensions,
                Sources = sources,
                Plugins = plugins,
                PidFile = pidFile,
                FilePath = path,
                Document = document,
            };
    }

    private static ServerConfiguration? BindServer(ObjectReader root, IReadOnlySet<string> clusters)
    {
        ConfigurationNode? servers = root.Take("servers");
        IReadOnlyList<ConfigurationNode> items = root.Array("servers");
        if (items.Count == 1)
        {
            return ObjectReader.Open(items[0], root.Problems) is { } server ? ServerBinder.Bind(server, clusters) : null;
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

                sources.Add(new StreamFilterConfiguration { Type = type, Node = source.Node, ConfigNode = source.Object("config")?.Node });
            }

            source.Finish();
        }

        return sources;
    }

    private static string[] BindExtensions(ObjectReader root, string baseDirectory)
    {
        List<string> paths = [];
        foreach (ConfigurationNode node in root.Texts("extensions"))
        {
            if (node.Text.Length == 0 || node.Text.Contains('\0'))
            {
                ObjectReader.Wrong(node, root.Problems, "the path of a .dll");
                continue;
            }

            paths.Add(Path.GetFullPath(node.Text, baseDirectory));
        }

        return [.. paths];
    }
}
