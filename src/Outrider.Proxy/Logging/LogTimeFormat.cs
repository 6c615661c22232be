namespace Outrider.Proxy.Logging;

/// <summary>How a log writes the time.</summary>
internal enum LogTimeFormat
{
    /// <summary><c>2026/01/02 15:04:05.000</c>, in access logs.</summary>
    Access,

    /// <summary><c>2026-01-02 15:04:05,000</c>, in error logs.</summary>
    Error,
}
