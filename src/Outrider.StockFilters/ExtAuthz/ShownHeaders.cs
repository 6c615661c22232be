using System.Text;
using Outrider.Filters;
using Outrider.StockFilters.Mutation;

namespace Outrider.StockFilters.ExtAuthz;

/// <summary>Which headers of a request its authorization service is shown.</summary>
/// <param name="allowed">Names that are; null for all.</param>
/// <param name="disallowed">Names that are not.</param>
internal sealed class ShownHeaders(Func<string, bool>? allowed, Func<string, bool>? disallowed)
{
    /// <summary>They, names in lower case, in order.</summary>
    internal IEnumerable<(string Name, byte[] Value)> Of(RequestHeaders headers)
    {
        var shown = new List<(string Name, byte[] Value)>(headers.Count);
        foreach (var field in headers)
        {
            string name = Encoding.Latin1.GetString(field.Name).ToLowerInvariant();
            if (!HeaderChange.IsFraming(name) && (allowed?.Invoke(name) ?? true) && !(disallowed?.Invoke(name) ?? false))
            {
                shown.Add((name, field.Value.ToArray()));
            }
        }

        return shown;
    }
}
