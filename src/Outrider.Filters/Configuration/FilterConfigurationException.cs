namespace Outrider.Filters;

/// <summary>A filter's configuration is wrong. The proxy reports it with file, JSON path, line and column, and does not start (or keeps the configuration it has).</summary>
public sealed class FilterConfigurationException : Exception
{
    /// <param name="path">Where, relative to the filter's <c>config</c>: <c>$.rules[0].name</c>; <c>$</c> for the whole.</param>
    /// <param name="message">What is wrong and what would be right.</param>
    /// <param name="innerException">The cause, or null.</param>
    public FilterConfigurationException(string path, string message, Exception? innerException = null) : base(message, innerException) => Path = path;

    /// <summary>Something is wrong with the whole.</summary>
    public FilterConfigurationException(string message) : this("$", message)
    {
    }

    /// <summary>Something is wrong with the whole.</summary>
    public FilterConfigurationException(string message, Exception innerException) : this("$", message, innerException)
    {
    }

    /// <summary>Something is wrong with the whole.</summary>
    public FilterConfigurationException() : this("$", "not a valid configuration")
    {
    }

    /// <summary>Where, relative to the filter's <c>config</c>.</summary>
    public string Path { get; }
}
