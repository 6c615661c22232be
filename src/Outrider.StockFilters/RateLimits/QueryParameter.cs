using System.Text;
using Outrider.Filters;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Reads parameters of a request's query.</summary>
internal static class QueryParameter
{
    /// <summary>The first value of that name, without its percent signs; empty for a name without a value, null where the name is not there.</summary>
    internal static string? Find(RequestHeaders headers, string name)
    {
        string query = Encoding.UTF8.GetString(headers.Path[headers.PathWithoutQuery.Length..]);
        foreach (string pair in query.TrimStart('?').Split('&'))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (Uri.UnescapeDataString(equals < 0 ? pair : pair[..equals]) == name)
            {
                return equals < 0 ? "" : Uri.UnescapeDataString(pair[(equals + 1)..]);
            }
        }

        return null;
    }
}
