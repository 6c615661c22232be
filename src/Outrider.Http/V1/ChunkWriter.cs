using System.Globalization;
using Outrider.Net;

namespace Outrider.Http.V1;

/// <summary>Writes a body in chunks (RFC 9112 §7.1) straight into a connection's output.</summary>
internal static class ChunkWriter
{
    /// <summary>One chunk; nothing when there is no data, as an empty chunk would be the last.</summary>
    internal static void Write(Connection connection, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return;
        }

        var size = connection.GetSpan(12);
        _ = data.Length.TryFormat(size, out int digits, "x", CultureInfo.InvariantCulture);
        size[digits] = (byte)'\r';
        size[digits + 1] = (byte)'\n';
        connection.Advance(digits + 2);
        connection.Write(data);
        connection.Write("\r\n"u8);
    }

    /// <summary>The last chunk, without trailers.</summary>
    internal static void WriteEnd(Connection connection) => connection.Write("0\r\n\r\n"u8);

    /// <summary>The last chunk and the trailers behind it.</summary>
    internal static void WriteEnd(Connection connection, HeaderBlock trailers)
    {
        var writer = new HeadWriter(connection);
        writer.Write("0\r\n"u8);
        writer.WriteFields(trailers);
        writer.Write("\r\n"u8);
        writer.End();
    }
}
