namespace Outrider.Proxy.Logging.AccessLog;

/// <summary>An access log that a listener writes: a format and a file. Immutable; each loop opens its own lane into the file.</summary>
/// <param name="Format">What a line shows.</param>
/// <param name="File">Where it goes; null where a configuration is only checked.</param>
internal sealed record AccessLogTarget(AccessLogFormat Format, LogFile? File);
