namespace Outrider.Tests.House;

/// <summary>Finds the namespaces that use each other in a circle, parents and children too.</summary>
internal static class Circles
{
    /// <summary>Each namespace that can reach itself through others.</summary>
    internal static IEnumerable<string> Of(IEnumerable<(TypeName From, TypeName To)> uses)
    {
        var next = uses
            .Where(use => use.From.Namespace != use.To.Namespace)
            .GroupBy(use => use.From.Namespace, use => use.To.Namespace, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Distinct(StringComparer.Ordinal).ToArray(), StringComparer.Ordinal);
        return next.Keys.Where(start => Reaches(start, start, next, []));
    }

    private static bool Reaches(string from, string to, Dictionary<string, string[]> next, HashSet<string> seen)
    {
        foreach (string neighbour in next.GetValueOrDefault(from, []))
        {
            if (neighbour == to || (seen.Add(neighbour) && Reaches(neighbour, to, next, seen)))
            {
                return true;
            }
        }

        return false;
    }
}
