using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.V2.Framing;
using Outrider.Http.V2.Hpack;
using Outrider.Net.Transports;

namespace Outrider.Http.V2.Client;

/// <summary>
/// Writes a request's head, or trailers, as a header block (RFC 9113 §8.3.1): what HTTP/1 has in its first line and Host, then the fields
/// that are not only for two neighbours (§8.2.2).
/// </summary>
internal static class RequestFields
{
    private const int OnStack = 2048;

    /// <summary>
    /// Is it a request for another protocol that an extended CONNECT (RFC 8441 §4) can say? That has no method and no body; what has one
    /// goes on as an ordinary request.
    /// </summary>
    internal static bool IsConnect(RequestHead request, bool endStream) => request.IsUpgrade && endStream && request.Method.SequenceEqual("GET"u8);

    /// <summary>Sends a head.</summary>
    internal static void WriteHead(Transport transport, int id, RequestHead request, bool isHttps, bool endStream, bool connects)
    {
        int size = MaxLength(request.Fields) + request.Method.Length + request.Target.Length + request.Authority.Length + 128;
        byte[]? rented = size > OnStack ? ArrayPool<byte>.Shared.Rent(size) : null;
        Span<byte> block = rented ?? stackalloc byte[OnStack];
        int used = connects ? WriteConnect(block, request)
            : request.Method.SequenceEqual("POST"u8) ? HpackEncoder.WriteIndexed(block, StaticTable.MethodPost)
            : request.Method.SequenceEqual("GET"u8) ? HpackEncoder.WriteIndexed(block, StaticTable.MethodGet)
            : HpackEncoder.Write(block, StaticTable.MethodGet, request.Method);
        used += HpackEncoder.WriteIndexed(block[used..], isHttps ? StaticTable.SchemeHttps : StaticTable.SchemeHttp);
        used += HpackEncoder.Write(block[used..], StaticTable.Path, request.Target);
        used += HpackEncoder.Write(block[used..], StaticTable.Authority, request.Authority);
        used += WriteFields(block[used..], request.Fields, connects);
        if (!connects)
        {
            // Trailers are passed on whoever asks.
            used += HpackEncoder.Write(block[used..], "te"u8, "trailers"u8);
            long length = !endStream ? (request.Framing == BodyFraming.Length ? request.ContentLength : -1)
                : request.ContentLength >= 0 || request.Framing != BodyFraming.None ? 0 : -1;
            if (length >= 0)
            {
                Span<byte> digits = stackalloc byte[20];
                _ = Utf8Formatter.TryFormat(length, digits, out int count);
                used += HpackEncoder.Write(block[used..], "content-length"u8, digits[..count]);
            }
        }

        FrameWriter.WriteBlock(transport, id, block[..used], endStream);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Trailers as a header block in an array of the shared pool, which is the caller's.</summary>
    internal static byte[] Rent(HeaderBlock trailers, out int length)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(MaxLength(trailers) + 16);
        length = WriteFields(block, trailers, connects: false);
        return block;
    }

    private static int MaxLength(HeaderBlock fields) => fields.Length + (fields.Count * HpackEncoder.MaxLength(0, 0));

    private static int WriteConnect(Span<byte> block, RequestHead request)
    {
        int used = HpackEncoder.Write(block, StaticTable.MethodGet, "CONNECT"u8);
        return used + HpackEncoder.Write(block[used..], ":protocol"u8, FirstOf(request.UpgradeProtocol));
    }

    // HTTP/1 may offer several, the best one first.
    private static ReadOnlySpan<byte> FirstOf(ReadOnlySpan<byte> protocols)
    {
        int comma = protocols.IndexOf((byte)',');
        return (comma < 0 ? protocols : protocols[..comma]).Trim((byte)' ');
    }

    private static int WriteFields(Span<byte> to, HeaderBlock fields, bool connects)
    {
        int used = 0;
        for (int i = 0; i < fields.Count; i++)
        {
            var known = fields.KnownAt(i);
            var name = fields.NameAt(i);
            // The key proves that HTTP/1's server speaks WebSocket; here a setting has said so (RFC 8441 §5).
            if (known != KnownHeader.ContentLength && !KnownHeaders.IsHopByHop(known) && !(connects && Ascii.EqualsIgnoreCase(name, "sec-websocket-key"u8)))
            {
                used += HpackEncoder.Write(to[used..], name, fields.ValueAt(i));
            }
        }

        return used;
    }
}
