namespace Outrider.Modules.Abi;

/// <summary>Envoy's log levels.</summary>
internal enum LogLevel
{
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Critical,
    Off,
}
