namespace Outrider.Filters;

/// <summary>A filter's configuration is wrong. The proxy reports it with file, JSON path, line and column, and does not start (or keeps the configuration it has).</summary>
public sealed class FilterConfigurationException : Exception
{
    /// <param name="path">Where, relative to the filter's <c>config</c>: <c>$.rules[0].name</c>; <c>$</c> for the whole.</param>
    /// <param name="message">What is wrong and what would be right.</param>
    /// <param name="innerException">The cause, or null.</param>
    public FilterConfigurationException(string path, string message, Exception? innerException = null) : base(message, innerException) => Path = path;

    private FilterConfigurationException(string path, string message, bool inEntry) : this(path, message) => IsInEntry = inEntry;

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

    /// <summary>Where, relative to the filter's <c>config</c>, or to its whole entry (<see cref="IsInEntry"/>).</summary>
    public string Path { get; }

    /// <summary>Is <see cref="Path"/> relative to the filter's whole entry in <c>stream_filters</c>?</summary>
    public bool IsInEntry { get; }

    /// <summary>Something is wrong beside the filter's <c>config</c>.</summary>
    /// <param name="path">Where, relative to the filter's entry in <c>stream_filters</c>: <c>$.library.path</c>.</param>
    /// <param name="message">What is wrong and what would be right.</param>
    public static FilterConfigurationException OfEntry(string path, string message) => new(path, message, inEntry: true);
}
