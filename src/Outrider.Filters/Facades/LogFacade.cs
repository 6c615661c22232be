namespace Outrider.Filters;

/// <summary>
/// A stream's log as one filter object has it. The log is the base's and not the stream's, so a line may come after the
/// stream's end: it still carries the number of the stream that it is about.
/// </summary>
internal sealed class LogFacade(StreamFacade stream) : StreamLog
{
    public override bool IsEnabled(StreamLogLevel level) => stream.IsLogged(level);

    public override void Write(StreamLogLevel level, string message) => stream.WriteLog(level, message);
}
