using Outrider.Http.Messages;
using Outrider.Telemetry.Extensions;

namespace Outrider.Proxy.Routing;

/// <summary>
/// Routes that ask the same of the path. Those among them that want a header to be one very text are found by that text; the others have to be looked at one by one. Immutable.
/// </summary>
internal sealed class RouteBucket
{
    // Fewer are as fast looked at one by one.
    private const int LeastByHeader = 4;

    private readonly (int At, int End) _others;
    private readonly (HeaderMatcher Header, Dictionary<byte[], (int At, int End)>.AlternateLookup<ReadOnlySpan<byte>> Values)[] _byHeader;

    /// <param name="routes">Their numbers, ascending.</param>
    /// <param name="matcher">What the route of a number asks for.</param>
    /// <param name="numbers">Where lists of numbers stand.</param>
    public RouteBucket(IReadOnlyList<int> routes, Func<int, RouteMatcher> matcher, List<int> numbers)
    {
        // By the header that most of them have in common: a route that wants several is under one.
        var counts = routes.SelectMany(route => matcher(route).ExactHeaders).GroupBy(static header => header.Key, StringComparer.Ordinal)
            .ToDictionary(static group => group.Key, static group => group.Count(), StringComparer.Ordinal);
        var groups = routes.Select(route => (Route: route, Header: matcher(route).ExactHeaders.OrderByDescending(header => counts[header.Key]).FirstOrDefault()))
            .GroupBy(static one => one.Header?.Key ?? "", StringComparer.Ordinal)
            .ToList();
        var indexed = groups.Where(static group => group.Key.Length > 0 && group.Count() >= LeastByHeader).ToList();
        _others = Append(numbers, groups.Except(indexed).SelectMany(static group => group.Select(static one => one.Route)).Order());
        _byHeader = [.. indexed.Select(group =>
        {
            var values = new Dictionary<byte[], (int At, int End)>(BytesComparer.Instance);
            foreach (var value in group.GroupBy(static one => one.Header!.Value.ToArray(), BytesComparer.Instance))
            {
                values.Add(value.Key, Append(numbers, value.Select(static one => one.Route)));
            }

            return (group.First().Header!, values.GetAlternateLookup<ReadOnlySpan<byte>>());
        })];
    }

    /// <summary>Adds the routes that a request may be for.</summary>
    public void Find(RequestHead request, ref CandidateLists lists)
    {
        lists.Add(_others);
        foreach (var (header, values) in _byHeader)
        {
            if (header.TryRead(request, out var value) && values.TryGetValue(value, out var found))
            {
                lists.Add(found);
            }
        }
    }

    private static (int At, int End) Append(List<int> numbers, IEnumerable<int> routes)
    {
        int at = numbers.Count;
        numbers.AddRange(routes);
        return (at, numbers.Count);
    }
}
