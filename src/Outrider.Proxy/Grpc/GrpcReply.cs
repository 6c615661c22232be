using System.Buffers;
using System.Buffers.Text;
using Outrider.Http.Grpc;
using Outrider.Http.Headers;
using Outrider.Http.Messages;

namespace Outrider.Proxy.Grpc;

/// <summary>
/// An answer that is made here to a gRPC request: a status of gRPC in a head without a body (trailers-only; grpc/grpc,
/// doc/PROTOCOL-HTTP2.md), because clients of gRPC make little of HTTP's statuses. What becomes of which status is Envoy's choice.
/// </summary>
internal static class GrpcReply
{
    // What goes on of a message; a head has a limit, and each byte may take three.
    private const int LongestMessage = 2048;

    /// <summary>Makes an answer in the terms of HTTP one of gRPC, which has no body any more.</summary>
    /// <param name="head">The head. A <c>grpc-status</c> or <c>grpc-message</c> that it has stays.</param>
    /// <param name="text">The body, which becomes the message.</param>
    /// <param name="isDeadline">Has the client's own time run out? That has a status of its own.</param>
    internal static void Translate(ResponseHead head, ReadOnlySpan<byte> text, bool isDeadline)
    {
        var fields = head.Fields;
        int status = isDeadline ? GrpcStatus.DeadlineExceeded : GrpcStatus.OfHttp(head.Status);
        head.Status = 200;
        head.ContentLength = -1;
        head.Framing = BodyFraming.None;
        _ = fields.Remove("content-type"u8);
        _ = fields.Remove(KnownHeader.ContentLength);
        fields.Add("content-type"u8, "application/grpc"u8);
        if (fields.IndexOf("grpc-status"u8) < 0)
        {
            Span<byte> digits = stackalloc byte[2];
            _ = Utf8Formatter.TryFormat(status, digits, out int length);
            fields.Add("grpc-status"u8, digits[..length]);
        }

        if (!text.IsEmpty && fields.IndexOf("grpc-message"u8) < 0)
        {
            text = text[..Math.Min(text.Length, LongestMessage)];
            byte[] message = ArrayPool<byte>.Shared.Rent(text.Length * 3);
            fields.Add("grpc-message"u8, message.AsSpan(0, GrpcMessage.Encode(text, message)));
            ArrayPool<byte>.Shared.Return(message);
        }
    }
}
