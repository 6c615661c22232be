using Outrider.Filters;

namespace Outrider.StockFilters.Metadata;

/// <summary>A label that is the same for all requests of a process: the first variable of the environment that is not empty.</summary>
internal static class EnvironmentLabel
{
    /// <summary>Reads it.</summary>
    /// <param name="key">The configuration key with the names, for errors.</param>
    /// <param name="names">The variables, in the order in which they are looked at.</param>
    /// <exception cref="FilterConfigurationException">There are no names, or all of the variables are empty.</exception>
    internal static MetadataLabel Read(string key, string[]? names)
    {
        if (names is null or [])
        {
            throw new FilterConfigurationException("$." + key, "the names of variables of the environment are needed");
        }

        string? label = names.Select(name => string.IsNullOrEmpty(name) ? null : Environment.GetEnvironmentVariable(name)).FirstOrDefault(value => !string.IsNullOrEmpty(value));
        return MetadataLabel.Of(label ?? throw new FilterConfigurationException("$." + key, $"none of these is set in the environment: {string.Join(", ", names)}"));
    }
}
