using System.Globalization;
using Outrider.Http.Headers;
using Outrider.Net.Transports;

namespace Outrider.Http.V1;

/// <summary>Writes a body in chunks (RFC 9112 §7.1) straight into a connection's output.</summary>
internal static class ChunkWriter
{
    /// <summary>One chunk; nothing when there is no data, as an empty chunk would be the last.</summary>
    internal static void Write(Transport transport, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return;
        }

        var size = transport.GetSpan(12);
        _ = data.Length.TryFormat(size, out int digits, "x", CultureInfo.InvariantCulture);
        size[digits] = (byte)'\r';
        size[digits + 1] = (byte)'\n';
        transport.Advance(digits + 2);
        transport.Write(data);
        transport.Write("\r\n"u8);
    }

    /// <summary>The last chunk, without trailers.</summary>
    internal static void WriteEnd(Transport transport) => transport.Write("0\r\n\r\n"u8);

    /// <summary>The last chunk and the trailers behind it.</summary>
    internal static void WriteEnd(Transport transport, HeaderBlock trailers)
    {
        var writer = new HeadWriter(transport);
        writer.Write("0\r\n"u8);
        writer.WriteFields(trailers);
        writer.Write("\r\n"u8);
        writer.End();
    }
}
