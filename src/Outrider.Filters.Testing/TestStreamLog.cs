namespace Outrider.Filters.Testing;

/// <summary>A stream's log, whose lines the test reads. Any thread.</summary>
internal sealed class TestStreamLog(FilterHost host, long id) : StreamLog
{
    public override bool IsEnabled(StreamLogLevel level) => level <= host.LogLevel;

    public override void Write(StreamLogLevel level, string message) => host.WriteLog(new TestLogLine(id, level, message));
}
