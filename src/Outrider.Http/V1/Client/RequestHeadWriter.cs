using Outrider.Http.Messages;
using Outrider.Net.Transports;

namespace Outrider.Http.V1.Client;

/// <summary>Writes a request's head to an upstream, with what frames its body there: whatever the client's side has said of that, this is ours (RFC 9112 §6).</summary>
internal static class RequestHeadWriter
{
    /// <summary>Writes it.</summary>
    /// <param name="transport">The upstream's connection.</param>
    /// <param name="request">The request.</param>
    /// <param name="endStream">It has no body.</param>
    /// <returns>Does the body go in chunks?</returns>
    internal static bool Write(Transport transport, RequestHead request, bool endStream)
    {
        bool isChunked = false;
        var writer = new HeadWriter(transport);
        var line = request.Line;
        if (line.IsEmpty)
        {
            writer.Write(request.Method);
            writer.Write(" "u8);
            writer.Write(request.Target);
            writer.Write(" HTTP/1.1\r\n"u8);
        }
        else
        {
            writer.Write(line);
        }

        writer.WriteField("host"u8, request.Authority);
        writer.WriteFields(request.Fields);
        if (!endStream && request.Framing == BodyFraming.Length)
        {
            writer.WriteContentLength(request.ContentLength);
        }
        else if (!endStream)
        {
            isChunked = true;
            writer.Write("transfer-encoding: chunked\r\n"u8);
        }
        else if (request.ContentLength >= 0 || request.Framing != BodyFraming.None)
        {
            // "0" that the client sent, a body without chunks, or one that a filter took away. A GET without a body stays without the field.
            writer.WriteContentLength(0);
        }

        if (request.IsUpgrade)
        {
            writer.Write("connection: upgrade\r\n"u8);
        }

        writer.Write("\r\n"u8);
        writer.End();
        return isChunked;
    }
}
