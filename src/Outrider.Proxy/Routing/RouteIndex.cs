using Outrider.Http.Messages;

namespace Outrider.Proxy.Routing;

/// <summary>
/// Finds the routes of a virtual host that a request may be for, in their order, without looking at all of them: by the whole path, by its prefixes, and by a header's value. Those
/// it gives have still to be asked; those it does not give would say no. Immutable, shared by all loops; finding allocates nothing.
/// </summary>
internal sealed class RouteIndex
{
    /// <summary>With so many routes and fewer it is as fast to ask each.</summary>
    public const int LeastRoutes = 8;

    /// <summary>Most lists that one request can find: a path has one for each prefix that routes name, and more where headers are looked at.</summary>
    public const int MaxLists = 32;

    private readonly int[] _numbers;
    private readonly PrefixTree? _prefixes;
    private readonly Dictionary<byte[], RouteBucket>.AlternateLookup<ReadOnlySpan<byte>> _paths;
    private readonly bool _hasPaths;
    private readonly RouteBucket? _others;

    /// <param name="matchers">What the routes ask for, in their order.</param>
    public RouteIndex(IReadOnlyList<RouteMatcher> matchers)
    {
        var numbers = new List<int>();
        RouteBucket Bucket(IEnumerable<int> routes) => new([.. routes], route => matchers[route], numbers);
        int[] all = [.. Enumerable.Range(0, matchers.Count)];

        var paths = new Dictionary<byte[], RouteBucket>(HostNameComparer.Instance);
        foreach (var group in all.Where(route => matchers[route].WholePath is not null).GroupBy(route => matchers[route].WholePath!, HostNameComparer.Instance))
        {
            paths.Add(group.Key, Bucket(group));
        }

        _hasPaths = paths.Count > 0;
        _paths = paths.GetAlternateLookup<ReadOnlySpan<byte>>();
        foreach (var group in all.Where(route => matchers[route].PathPrefix is not null).GroupBy(route => Convert.ToHexString(matchers[route].PathPrefix!), StringComparer.Ordinal))
        {
            (_prefixes ??= new PrefixTree()).Add(matchers[group.First()].PathPrefix, Bucket(group));
        }

        int[] others = [.. all.Where(route => matchers[route] is { WholePath: null, PathPrefix: null })];
        _others = others.Length > 0 ? Bucket(others) : null;
        _numbers = [.. numbers];
    }

    /// <summary>The numbers of all lists.</summary>
    public ReadOnlySpan<int> Numbers => _numbers;

    /// <summary>Finds the routes that a request may be for.</summary>
    /// <param name="request">The request.</param>
    /// <param name="path">Its path without the query.</param>
    /// <param name="lists">Where they are added.</param>
    public void Find(RequestHead request, ReadOnlySpan<byte> path, ref CandidateLists lists)
    {
        _others?.Find(request, ref lists);
        if (_hasPaths && _paths.TryGetValue(path, out var whole))
        {
            whole.Find(request, ref lists);
        }

        _prefixes?.Find(path, request, ref lists);
    }
}
