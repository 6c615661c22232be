using Outrider.Filters;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Keys and values that have to be there.</summary>
internal static class ActionKey
{
    /// <exception cref="FilterConfigurationException">It is empty.</exception>
    internal static void Validate(string path, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            throw new FilterConfigurationException(path, "is missing and required");
        }
    }
}
