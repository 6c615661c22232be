using System.Buffers;
using System.Globalization;

namespace Outrider.Proxy.Routing;

/// <summary>Makes what a configuration says of paths valid in a request's target (RFC 3986 §3.3).</summary>
internal static class PathEncoding
{
    private static readonly SearchValues<byte> s_allowed = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/"u8);

    /// <summary>Percent-encodes what may not stand there. Whole percent-encodings stay.</summary>
    /// <param name="text">In UTF-8.</param>
    /// <param name="keepsQuery">Leave question marks: what follows is meant as a query.</param>
    public static byte[] Encode(ReadOnlySpan<byte> text, bool keepsQuery)
    {
        var encoded = new ArrayBufferWriter<byte>(text.Length + 16);
        for (int i = 0; i < text.Length; i++)
        {
            byte b = text[i];
            if (s_allowed.Contains(b) || NormalPath.IsEscape(text, i) || (keepsQuery && b == '?'))
            {
                encoded.Write([b]);
                continue;
            }

            Span<byte> escape = encoded.GetSpan(3);
            escape[0] = (byte)'%';
            _ = b.TryFormat(escape[1..], out _, "X2", CultureInfo.InvariantCulture);
            encoded.Advance(3);
        }

        return encoded.WrittenSpan.ToArray();
    }
}
