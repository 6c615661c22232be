namespace Outrider.Http.Grpc;

/// <summary>The text of <c>grpc-message</c> (grpc/grpc, doc/PROTOCOL-HTTP2.md): what is not printable ASCII, and the percent sign itself, as %XX.</summary>
public static class GrpcMessage
{
    /// <summary>Writes a text, and returns how many bytes it has become.</summary>
    /// <param name="text">In UTF-8.</param>
    /// <param name="to">Three times as long as the text at least.</param>
    public static int Encode(ReadOnlySpan<byte> text, Span<byte> to)
    {
        int used = 0;
        foreach (byte b in text)
        {
            if (b is >= 0x20 and <= 0x7e and not (byte)'%')
            {
                to[used++] = b;
            }
            else
            {
                to[used++] = (byte)'%';
                to[used++] = "0123456789ABCDEF"u8[b >> 4];
                to[used++] = "0123456789ABCDEF"u8[b & 15];
            }
        }

        return used;
    }
}
