namespace Outrider.Proxy.Logging;

/// <summary>The error log that the last configuration names. Any thread; a reload replaces it, so whoever writes asks anew.</summary>
internal sealed class CurrentLog(ErrorLog log)
{
    private volatile ErrorLog _log = log;

    /// <summary>The log now.</summary>
    internal ErrorLog Log
    {
        get => _log;
        set => _log = value;
    }
}
