namespace Outrider.Filters;

/// <summary>Why a plugin gave no answer.</summary>
public enum PluginFailure
{
    /// <summary>It does not run: disabled, crashed, not started in time, or its connection broke.</summary>
    Unavailable,

    /// <summary>It did not answer in time.</summary>
    Timeout,

    /// <summary>As many calls as <see cref="PluginOptions.MaxInFlight"/> allows are under way.</summary>
    Overloaded,

    /// <summary>The request or the response is larger than <see cref="PluginOptions.MaxMessageSize"/>.</summary>
    TooLarge,

    /// <summary>It answered with an error of its own, or with something that is no answer.</summary>
    Failed,
}
