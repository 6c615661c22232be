namespace Outrider.Filters;

/// <summary>MOSN's log levels, from the most to the least urgent.</summary>
public enum StreamLogLevel
{
    /// <summary>The process cannot go on.</summary>
    Fatal,

    /// <summary>Something failed.</summary>
    Error,

    /// <summary>Something is off.</summary>
    Warn,

    /// <summary>What an operator wants to see.</summary>
    Info,

    /// <summary>What a developer wants to see.</summary>
    Debug,

    /// <summary>Everything.</summary>
    Trace,
}
