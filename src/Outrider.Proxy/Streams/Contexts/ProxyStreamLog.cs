using Outrider.Filters;

namespace Outrider.Proxy.Streams.Contexts;

/// <summary>The error log, with the stream's number in front of each line.</summary>
internal sealed class ProxyStreamLog(ProxyStream stream) : StreamLog
{
    public override bool IsEnabled(StreamLogLevel level) => stream.Site.IsLogged(level);

    public override void Write(StreamLogLevel level, string message) => stream.Site.Log(level, stream, message);
}
