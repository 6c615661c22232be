using Outrider.Envoy.Links;
using Outrider.Envoy.Logging;
using Outrider.Filters;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Streams;

/// <summary>Envoy's log, with the filter's name and the stream's id before each line.</summary>
internal sealed class EnvoyStreamLog(EnvoyLink link) : StreamLog
{
    public override bool IsEnabled(StreamLogLevel level) => IsLogged(level);

    public override void Write(StreamLogLevel level, string message) => Write(link.FilterName, link.Id, level, message);

    internal static bool IsLogged(StreamLogLevel level) => ModuleLog.IsEnabled(LevelOf(level));

    internal static void Write(string filter, long id, StreamLogLevel level, string message) => ModuleLog.Write(LevelOf(level), $"[{filter} {id:x}] {message}");

    private static LogLevel LevelOf(StreamLogLevel level) => level switch
    {
        StreamLogLevel.Fatal => LogLevel.Critical,
        StreamLogLevel.Error => LogLevel.Error,
        StreamLogLevel.Warn => LogLevel.Warn,
        StreamLogLevel.Info => LogLevel.Info,
        StreamLogLevel.Debug => LogLevel.Debug,
        _ => LogLevel.Trace,
    };
}
