using Outrider.Filters;
using Outrider.Proxy.Streams.Records;

namespace Outrider.Proxy.Streams.Contexts;

/// <summary>The error log, with the stream's number in front of each line.</summary>
internal sealed class ProxyStreamLog(StreamRecord record) : StreamLog
{
    public override bool IsEnabled(StreamLogLevel level) => record.Services.IsLogged(level);

    public override void Write(StreamLogLevel level, string message) => record.Services.LogOf(record.Id, level, message);
}
