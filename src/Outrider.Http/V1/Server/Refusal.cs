using Outrider.Http.Rules;
using Outrider.Net.Transports;

namespace Outrider.Http.V1.Server;

/// <summary>The answer to a request that never became one: a short text that says what is wrong, and the connection's end.</summary>
internal static class Refusal
{
    internal static void Write(Transport transport, ProtocolError error)
    {
        var body = error.Text.Span;
        var writer = new HeadWriter(transport);
        writer.WriteStatusLine(error.Status, default);
        writer.Write("content-type: text/plain; charset=utf-8\r\n"u8);
        writer.WriteContentLength(body.Length);
        writer.Write("connection: close\r\n\r\n"u8);
        writer.Write(body);
        writer.End();
    }
}
