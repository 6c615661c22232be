using System.Net.Sockets;
using System.Security.Cryptography;

namespace Outrider.Tests.Harness;

/// <summary>Bodies that tell when a piece of them is lost, doubled or in the wrong place.</summary>
internal static class TestBytes
{
    /// <summary>The same bytes for the same length, without a period that a buffer's size could hide in.</summary>
    internal static byte[] Make(int length)
    {
        var bytes = new byte[length];
        uint x = 2463534242;
        for (int i = 0; i < length; i++)
        {
            // xorshift32 (Marsaglia, 2003).
            x ^= x << 13;
            x ^= x >> 17;
            x ^= x << 5;
            bytes[i] = (byte)x;
        }

        return bytes;
    }

    /// <summary>A short name for what the bytes are, for comparing and for messages.</summary>
    internal static string Digest(ReadOnlySpan<byte> bytes) => $"{bytes.Length}:{Convert.ToHexString(SHA256.HashData(bytes))[..16]}";

    /// <summary>The body as chunks of so many bytes, with the last chunk and an empty trailer section.</summary>
    internal static byte[] Chunked(ReadOnlySpan<byte> body, int size, string extension = "")
    {
        var stream = new MemoryStream();
        for (int i = 0; i < body.Length; i += size)
        {
            var piece = body.Slice(i, Math.Min(size, body.Length - i));
            stream.Write(System.Text.Encoding.ASCII.GetBytes($"{piece.Length:X}{extension}\r\n"));
            stream.Write(piece);
            stream.Write("\r\n"u8);
        }

        stream.Write("0\r\n\r\n"u8);
        return stream.ToArray();
    }

    /// <summary>Sends all of it, and reads nothing.</summary>
    internal static async Task SendAllAsync(this Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes[..Math.Min(bytes.Length, 256 * 1024)]).AsTask().SoonAsync()..];
        }
    }

    /// <summary>Sends text, a byte for a char.</summary>
    internal static Task SendAllAsync(this Socket socket, string text) => socket.SendAllAsync(System.Text.Encoding.Latin1.GetBytes(text));
}
