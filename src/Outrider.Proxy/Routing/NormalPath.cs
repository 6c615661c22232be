namespace Outrider.Proxy.Routing;

/// <summary>
/// A path as routes are matched against: percent-encodings decoded, doubled slashes one, dot segments resolved, as MOSN
/// (fasthttp's <c>URI.Path</c>) and nginx do. Upstreams read <c>/x/..//%61dmin</c> as <c>/admin</c>, so a rule for
/// <c>/admin</c> has to see it too. The request itself goes on as it came.
/// </summary>
internal static class NormalPath
{
    /// <summary>Is the path normal as it is? Nearly every path.</summary>
    public static bool Is(ReadOnlySpan<byte> path) => path.IndexOf((byte)'%') < 0 && path.IndexOf("//"u8) < 0 && path.IndexOf("/."u8) < 0;

    /// <summary>Is there a whole percent-encoding at that place?</summary>
    public static bool IsEscape(ReadOnlySpan<byte> path, int at)
        => path[at] == '%' && at + 2 < path.Length && char.IsAsciiHexDigit((char)path[at + 1]) && char.IsAsciiHexDigit((char)path[at + 2]);

    /// <summary>Writes the normal form; it is never longer than the path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="buffer">As long as the path.</param>
    /// <param name="origins">Filled with where in the path each byte of the normal form begins; as long as the path, or empty.</param>
    /// <returns>What was written, at the beginning of <paramref name="buffer"/>.</returns>
    public static ReadOnlySpan<byte> Write(ReadOnlySpan<byte> path, Span<byte> buffer, Span<int> origins = default)
    {
        int length = 0;
        for (int i = 0; i < path.Length; i++)
        {
            byte b = path[i];
            int origin = i;
            if (IsEscape(path, i))
            {
                b = (byte)((HexValue(path[i + 1]) << 4) | HexValue(path[i + 2]));
                i += 2;
            }

            if (b == '/')
            {
                length = EndSegment(buffer[..length]);
                if (length > 0 && buffer[length - 1] == '/')
                {
                    continue;
                }
            }

            if (!origins.IsEmpty)
            {
                origins[length] = origin;
            }

            buffer[length++] = b;
        }

        return buffer[..EndSegment(buffer[..length])];
    }

    // A last segment "." goes, ".." takes the one before it along; at the root there is none (RFC 3986 §5.2.4).
    private static int EndSegment(ReadOnlySpan<byte> path)
    {
        if (path.EndsWith("/."u8))
        {
            return path.Length - 1;
        }

        if (!path.EndsWith("/.."u8))
        {
            return path.Length;
        }

        int parent = path[..^3].LastIndexOf((byte)'/');
        return parent < 0 ? 1 : parent + 1;
    }

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
