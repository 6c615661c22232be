using Outrider.Filters;
using Outrider.Proxy.Logging;

namespace Outrider.Tests.Logging;

public sealed class ErrorLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LogFiles _files = new();

    public void Dispose()
    {
        _files.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_line_has_the_time_the_level_and_the_message_as_in_MOSN()
    {
        var log = new ErrorLog(_files.Open(_folder.File("e.log")), StreamLogLevel.Info);
        log.Write(StreamLogLevel.Info, "grüße");
        log.Write(StreamLogLevel.Warn, "two");
        Assert.Collection(
            Lines(log),
            line => Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \[INFO\] grüße$", line),
            line => Assert.EndsWith(" [WARN] two", line, StringComparison.Ordinal));
    }

    [Fact]
    public void Lines_below_the_level_are_left_out_and_the_level_can_change()
    {
        var logs = new ErrorLogs(_files);
        ErrorLog log = logs.Open(_folder.File("e.log"), StreamLogLevel.Error);
        log.Write(StreamLogLevel.Info, "no");
        Assert.False(log.IsEnabled(StreamLogLevel.Info));
        Assert.True(logs.TrySetLevel(_folder.File("e.log"), StreamLogLevel.Debug));
        Assert.False(logs.TrySetLevel(_folder.File("other.log"), StreamLogLevel.Debug));
        log.Write(StreamLogLevel.Debug, "yes");
        Assert.EndsWith("[DEBUG] yes", Assert.Single(Lines(log)), StringComparison.Ordinal);
        Assert.Equal([KeyValuePair.Create(log.File.Path, StreamLogLevel.Debug)], logs.Levels);
        Assert.Same(log, logs.Open(_folder.File("e.log"), StreamLogLevel.Info));
    }

    [Fact]
    public void Nobody_can_forge_the_start_of_a_line()
    {
        var log = new ErrorLog(_files.Open(_folder.File("e.log")), StreamLogLevel.Info);
        log.Write(StreamLogLevel.Error, "one\r\n2026-01-01 00:00:00,000 [INFO] two\u001b[2J\n");
        Assert.Collection(
            Lines(log),
            line => Assert.EndsWith("[ERROR] one", line, StringComparison.Ordinal),
            line => Assert.Equal("\t2026-01-01 00:00:00,000 [INFO] two\\x1B[2J", line));
    }

    [Fact]
    public void A_message_without_end_is_cut_and_its_line_still_ends()
    {
        var log = new ErrorLog(_files.Open(_folder.File("e.log")), StreamLogLevel.Info);
        log.Write(StreamLogLevel.Error, new string('é', 100_000));
        log.Write(StreamLogLevel.Error, "next");
        string[] lines = Lines(log);
        Assert.Equal(2, lines.Length);
        Assert.InRange(lines[0].Length, 8000, 9000);
    }

    private static string[] Lines(ErrorLog log)
    {
        Assert.True(log.File.Flush(TimeSpan.FromSeconds(30)));
        return File.ReadAllLines(log.File.Path);
    }
}
