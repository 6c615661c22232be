using Outrider.Configuration.Model;
using Outrider.Filters;

namespace Outrider.Configuration.Sources;

/// <summary>
/// What the file says, and over it what other sources say of single resources. Such a layer holds as long as the file says of its resource
/// what it said when the layer came: whoever changes the file means it. Immutable.
/// </summary>
internal sealed class LayeredConfiguration
{
    private readonly ProxyConfiguration _file;
    private readonly IReadOnlyList<Layer> _layers;

    private LayeredConfiguration(ProxyConfiguration file, IReadOnlyList<Layer> layers)
    {
        _file = file;
        _layers = layers;
        Effective = layers.Count == 0 ? file : Merge();
    }

    // Base: what the file said of it, null where it said nothing.
    private sealed record Layer(ResourceName Name, string Source, object Value, ReadOnlyMemory<byte> Json, object? Base);

    /// <summary>The file alone.</summary>
    public ProxyConfiguration File => _file;

    /// <summary>All of it together.</summary>
    public ProxyConfiguration Effective { get; }

    /// <summary>All of it as JSON; what sources say that write none, as the file has it. Made for each who asks.</summary>
    public ReadOnlyMemory<byte> Json => HasLayers ? EffectiveJson.Of(_file.Json, _layers.Where(layer => !layer.Json.IsEmpty).Select(layer => (layer.Name, layer.Json))) : _file.Json;

    /// <summary>Does anything of it come from elsewhere than the file?</summary>
    public bool HasLayers => _layers.Count > 0;

    /// <summary>A file alone.</summary>
    public static LayeredConfiguration Of(ProxyConfiguration file) => new(file, []);

    /// <summary>Who says what holds of a resource now; null where that is the file, or nobody.</summary>
    public string? SourceOf(ResourceName name) => _layers.FirstOrDefault(layer => layer.Name == name)?.Source;

    /// <summary>With what a source says of a resource. Of a cluster whose hosts another source has set, these hold no longer.</summary>
    public LayeredConfiguration With(ResourceName name, object value, string source, ReadOnlyMemory<byte> json = default)
    {
        List<Layer> layers = [.. Without(name)];
        layers.Add(new Layer(name, source, value, json, Find(_file, name)));
        return new LayeredConfiguration(_file, layers);
    }

    /// <summary>Without what sources have said of a resource: what the file says holds again. Null when no source has said anything.</summary>
    public LayeredConfiguration? Without(ResourceName name, out bool isGone)
    {
        List<Layer> layers = [.. Without(name)];
        isGone = Find(_file, name) is null;
        return layers.Count == _layers.Count ? null : new LayeredConfiguration(_file, layers);
    }

    /// <summary>With another file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="dropped">Layers that hold no longer, since the file says something else of their resources than before, or does not name their source any more.</param>
    public LayeredConfiguration WithFile(ProxyConfiguration file, out IReadOnlyList<(ResourceName Name, string Source)> dropped)
    {
        var gone = _file.Sources.Select(source => source.Type).Except(file.Sources.Select(source => source.Type), StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        var kept = _layers.ToLookup(layer => !gone.Contains(layer.Source) && IsSame(layer.Base, Find(file, layer.Name)));
        dropped = [.. kept[false].Select(layer => (layer.Name, layer.Source))];
        return new LayeredConfiguration(file, [.. kept[true]]);
    }

    private IEnumerable<Layer> Without(ResourceName name) => _layers.Where(layer => layer.Name != name
        && !(name.Kind == ConfigurationResourceKind.Cluster && layer.Name == new ResourceName(ConfigurationResourceKind.Hosts, name.Name)));

    private ProxyConfiguration Merge()
    {
        var clusters = Merge(_file.Clusters, ConfigurationResourceKind.Cluster, static cluster => cluster.Name);
        for (int i = 0; i < clusters.Count; i++)
        {
            if (Value(new ResourceName(ConfigurationResourceKind.Hosts, clusters[i].Name)) is IReadOnlyList<HostConfiguration> hosts)
            {
                clusters[i] = clusters[i] with { Hosts = hosts };
            }
        }

        return _file with
        {
            Clusters = clusters,
            Server = _file.Server with
            {
                Routers = Merge(_file.Server.Routers, ConfigurationResourceKind.Router, static router => router.Name),
                Listeners = Merge(_file.Server.Listeners, ConfigurationResourceKind.Listener, static listener => listener.Name),
            },
        };
    }

    // In the order of the file; what stands in none comes last.
    private List<T> Merge<T>(IReadOnlyList<T> file, ConfigurationResourceKind kind, Func<T, string> nameOf)
        where T : class
    {
        List<T> merged = [.. file.Select(one => Value(new ResourceName(kind, nameOf(one))) as T ?? one)];
        var names = file.Select(nameOf).ToHashSet(StringComparer.Ordinal);
        merged.AddRange(_layers.Where(layer => layer.Name.Kind == kind && !names.Contains(layer.Name.Name)).Select(layer => (T)layer.Value));
        return merged;
    }

    private object? Value(ResourceName name) => _layers.FirstOrDefault(layer => layer.Name == name)?.Value;

    private static object? Find(ProxyConfiguration file, ResourceName name) => name.Kind switch
    {
        ConfigurationResourceKind.Cluster => file.Clusters.FirstOrDefault(cluster => cluster.Name == name.Name),
        ConfigurationResourceKind.Hosts => file.Clusters.FirstOrDefault(cluster => cluster.Name == name.Name)?.Hosts,
        ConfigurationResourceKind.Router => file.Server.Routers.FirstOrDefault(router => router.Name == name.Name),
        _ => file.Server.Listeners.FirstOrDefault(listener => listener.Name == name.Name),
    };

    private static bool IsSame(object? before, object? now) => (before, now) switch
    {
        (null, null) => true,
        (ClusterConfiguration one, ClusterConfiguration other) => one.IsSame(other) && HostConfiguration.AreSame(one.Hosts, other.Hosts),
        (IReadOnlyList<HostConfiguration> one, IReadOnlyList<HostConfiguration> other) => HostConfiguration.AreSame(one, other),
        (RouterConfiguration one, RouterConfiguration other) => one.IsSame(other),
        (ListenerConfiguration one, ListenerConfiguration other) => one.IsSame(other),
        _ => false,
    };
}
