using Outrider.Filters;
using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Net.Addresses;
using Outrider.Proxy.Logging;

namespace Outrider.Proxy.Server;

/// <summary>
/// The error log's lines on requests that the codec refuses: who, why, at which listener, and for what. Anybody can cause them, so they
/// are limited, and cost no allocation. One listener's on one loop.
/// </summary>
internal sealed class RefusalLog
{
    // A target is cut here; access logs have more of it.
    private const int MaxLine = 1024;

    private readonly LineLimit _limit = new();

    internal void Write(ErrorLog log, string listener, PeerAddress client, RequestHead request, ProtocolError error)
    {
        if (!log.IsEnabled(StreamLogLevel.Info) || !_limit.TryTake(Environment.TickCount64, out long leftOut))
        {
            return;
        }

        Span<byte> buffer = stackalloc byte[MaxLine];
        var line = ErrorLog.Begin(StreamLogLevel.Info, buffer);
        line.WriteRaw("client "u8);
        line.Write(client);
        line.WriteRaw(": "u8);
        line.Write(error.Status);
        line.WriteRaw(", "u8);
        line.WriteText(error.Message);
        line.WriteRaw("; listener '"u8);
        line.WriteText(listener);
        line.WriteRaw("'"u8);
        if (leftOut > 0)
        {
            line.WriteRaw(" ("u8);
            line.Write(leftOut);
            line.WriteRaw(" lines like it were left out)"u8);
        }

        line.WriteRaw(", "u8);
        WriteOr(request.Method, "no method"u8, ref line);
        line.WriteRaw(" "u8);
        line.Write(request.Authority);
        WriteOr(request.Target, "no target"u8, ref line);
        log.End(ref line);
    }

    private static void WriteOr(ReadOnlySpan<byte> value, ReadOnlySpan<byte> otherwise, ref Utf8Writer line)
    {
        if (value.IsEmpty)
        {
            line.WriteRaw(otherwise);
        }
        else
        {
            line.Write(value);
        }
    }
}
