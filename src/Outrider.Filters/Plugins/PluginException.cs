namespace Outrider.Filters;

/// <summary>A plugin gave no answer. The message names the plugin and says why.</summary>
public sealed class PluginException : Exception
{
    /// <param name="failure">Why.</param>
    /// <param name="message">Why, in words.</param>
    /// <param name="innerException">The cause, or null.</param>
    public PluginException(PluginFailure failure, string message, Exception? innerException = null) : base(message, innerException) => Failure = failure;

    /// <summary>The plugin is unavailable.</summary>
    public PluginException(string message, Exception innerException) : this(PluginFailure.Unavailable, message, innerException)
    {
    }

    /// <summary>The plugin is unavailable.</summary>
    public PluginException(string message) : this(PluginFailure.Unavailable, message)
    {
    }

    /// <summary>The plugin is unavailable.</summary>
    public PluginException() : this("the plugin is unavailable")
    {
    }

    /// <summary>Why.</summary>
    public PluginFailure Failure { get; }
}
