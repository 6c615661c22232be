using System.Text;
using System.Text.Json;

namespace Outrider.Filters.Testing;

/// <summary>What a host's streams have in common once it has served its first: filters in the order of each direction, and routes with what they configure.</summary>
internal sealed class TestChain
{
    private readonly IReadOnlyDictionary<string, TestCluster> _clusters;
    private readonly Compiled[] _routes;
    private readonly Stack<StreamFilter>[] _kept;

    internal TestChain(FilterHost host, IReadOnlyList<FilterEntry> filters, IReadOnlyList<TestRoute> routes, IReadOnlyDictionary<string, TestCluster> clusters)
    {
        Filters = [.. filters];
        _clusters = clusters;
        SenderOrder = [.. Enumerable.Range(0, Filters.Length)];
        _kept = [.. Filters.Select(_ => new Stack<StreamFilter>())];
        ReceiverOrder = [.. SenderOrder.OrderBy(i => Filters[i].Factory.Phase)];
        _routes = [.. (routes.Count == 0 ? [new TestRoute("/")] : routes).Select(route => Compile(host, route))];
    }

    internal FilterEntry[] Filters { get; }

    /// <summary>In which order a request meets them: by phase, and within a phase as they were added.</summary>
    internal int[] ReceiverOrder { get; }

    /// <summary>In which order a response meets them: as they were added.</summary>
    internal int[] SenderOrder { get; }

    /// <summary>A filter for a place: one that has said that it may serve another stream, or a new one. So bases do it, too.</summary>
    internal StreamFilter Take(int place) => _kept[place].TryPop(out var filter) ? filter : Filters[place].Factory.CreateFilter();

    internal void Keep(int place, StreamFilter filter) => _kept[place].Push(filter);

    internal TestCluster? Cluster(string name) => _clusters.GetValueOrDefault(name);

    /// <summary>The first route whose prefix the path has; null for none.</summary>
    internal Compiled? Match(string path) => Array.Find(_routes, route => path.StartsWith(route.Prefix, StringComparison.Ordinal));

    private Compiled Compile(FilterHost host, TestRoute route)
    {
        object?[] configurations = new object?[Filters.Length];
        foreach (var (name, json) in route.Filters)
        {
            int place = Array.FindIndex(Filters, filter => filter.Name == name);
            if (place < 0 || Filters[place].ReadRoute is not { } read)
            {
                throw new InvalidOperationException($"the route '{route.Name}' configures '{name}', which {(place < 0 ? "is no filter of the host" : "takes nothing of a route")}");
            }

            object value = read(host.Configuration(name, json));
            for (int i = 0; i < Filters.Length; i++)
            {
                configurations[i] = Filters[i].Name == name ? value : configurations[i];
            }
        }

        var info = new RouteInfo(route.Name, route.VirtualHost, "test") { ClusterName = route.Cluster, MirrorCluster = route.MirrorCluster, MirrorPercent = route.MirrorCluster is null ? 0 : route.MirrorPercent };
        return new Compiled(route.Prefix, info, route.Cluster, configurations, JsonDocument.Parse(Encoding.UTF8.GetBytes(route.Metadata)).RootElement);
    }

    /// <summary>A route, with what it configures for each filter by its place.</summary>
    internal sealed record Compiled(string Prefix, RouteInfo Info, string Cluster, object?[] Configurations, JsonElement Metadata);
}
