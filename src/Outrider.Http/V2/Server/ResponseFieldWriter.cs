using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Outrider.Http.Grpc;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.V2.Framing;
using Outrider.Http.V2.Hpack;
using Outrider.Net.Transports;

namespace Outrider.Http.V2.Server;

/// <summary>
/// Writes responses' heads and trailers as header blocks (RFC 9113 §8.3.2), names in full and nothing remembered: what the client
/// would have to keep for us costs more than the bytes that it would save between us.
/// </summary>
internal static class ResponseFieldWriter
{
    private const int Status200 = 8;
    private const int OnStack = 2048;

    /// <summary>Sends a head.</summary>
    /// <param name="transport">The client's connection.</param>
    /// <param name="id">The stream.</param>
    /// <param name="head">The head.</param>
    /// <param name="status">What goes out as its status.</param>
    /// <param name="length">The value of <c>content-length</c>; −1 for none.</param>
    /// <param name="endStream">Nothing follows.</param>
    internal static void WriteHead(Transport transport, int id, ResponseHead head, int status, long length, bool endStream)
    {
        int size = 64 + MaxLength(head.Fields);
        byte[]? rented = size > OnStack ? ArrayPool<byte>.Shared.Rent(size) : null;
        Span<byte> block = rented ?? stackalloc byte[OnStack];
        int used = WriteStatus(block, status);
        used += WriteFields(block[used..], head.Fields);
        if (length >= 0)
        {
            Span<byte> digits = stackalloc byte[20];
            _ = Utf8Formatter.TryFormat(length, digits, out int count);
            used += WriteField(block[used..], "content-length"u8, digits[..count]);
        }

        FrameWriter.WriteBlock(transport, id, block[..used], endStream);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Sends <c>100 Continue</c>.</summary>
    internal static void WriteContinue(Transport transport, int id)
    {
        Span<byte> block = stackalloc byte[16];
        FrameWriter.WriteBlock(transport, id, block[..WriteStatus(block, 100)], endStream: false);
    }

    /// <summary>Sends the answer to a request that never became one: the status alone, for which no window is needed.</summary>
    /// <param name="transport">The client's connection.</param>
    /// <param name="id">The stream.</param>
    /// <param name="error">What is wrong with it.</param>
    /// <param name="isGrpc">Its client understands a status of gRPC (Envoy's mapping), and no other.</param>
    internal static void WriteRefusal(Transport transport, int id, ProtocolError error, bool isGrpc)
    {
        Span<byte> block = stackalloc byte[OnStack];
        int used = WriteStatus(block, isGrpc ? 200 : error.Status);
        if (isGrpc)
        {
            Span<byte> text = stackalloc byte[OnStack / 2];
            var message = error.Text.Span[..^1];
            _ = Utf8Formatter.TryFormat(GrpcStatus.OfHttp(error.Status), text, out int digits);
            used += WriteField(block[used..], "content-type"u8, "application/grpc"u8);
            used += WriteField(block[used..], "grpc-status"u8, text[..digits]);
            used += WriteField(block[used..], "grpc-message"u8, text[..GrpcMessage.Encode(message[..Math.Min(message.Length, text.Length / 3)], text)]);
        }
        else
        {
            used += WriteField(block[used..], "content-length"u8, "0"u8);
        }

        FrameWriter.WriteBlock(transport, id, block[..used], endStream: true);
    }

    /// <summary>Trailers as a header block in an array of the shared pool, which is the caller's.</summary>
    internal static byte[] Rent(HeaderBlock trailers, out int length)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(MaxLength(trailers));
        length = WriteFields(block, trailers);
        return block;
    }

    private static int MaxLength(HeaderBlock fields) => fields.Length + (fields.Count * HpackEncoder.MaxLength(0, 0)) + 16;

    private static int WriteStatus(Span<byte> to, int status)
    {
        int index = status switch
        {
            200 => Status200,
            204 => 9,
            206 => 10,
            304 => 11,
            400 => 12,
            404 => 13,
            500 => 14,
            _ => 0,
        };
        if (index > 0)
        {
            return HpackEncoder.WriteIndexed(to, index);
        }

        ReadOnlySpan<byte> digits = [(byte)('0' + (status / 100)), (byte)('0' + (status / 10 % 10)), (byte)('0' + (status % 10))];
        return HpackEncoder.Write(to, Status200, digits);
    }

    // What belongs to one connection, or frames HTTP/1, is never passed on (RFC 9113 §8.2.2).
    private static int WriteFields(Span<byte> to, HeaderBlock fields)
    {
        int used = 0;
        for (int i = 0; i < fields.Count; i++)
        {
            var known = fields.KnownAt(i);
            if (known != KnownHeader.ContentLength && !KnownHeaders.IsHopByHop(known))
            {
                used += WriteField(to[used..], fields.NameAt(i), fields.ValueAt(i));
            }
        }

        return used;
    }

    private static int WriteField(Span<byte> to, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        to[0] = 0;
        int used = 1 + HpackEncoder.WriteNumber(to[1..], 0, 7, name.Length);
        _ = Ascii.ToLower(name, to[used..], out _);
        used += name.Length;
        used += HpackEncoder.WriteNumber(to[used..], 0, 7, value.Length);
        value.CopyTo(to[used..]);
        return used + value.Length;
    }
}
