using System.Buffers;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace Outrider.Proxy.Routing;

/// <summary>A regular expression that is asked with bytes. They are decoded into a borrowed buffer, so asking makes no garbage.</summary>
internal readonly struct TextPattern(Regex regex)
{
    private const int OnStack = 512;

    /// <summary>Does some part of the text match? Bytes that are not UTF-8 stand for U+FFFD.</summary>
    public bool IsMatch(ReadOnlySpan<byte> utf8)
    {
        // UTF-16 never has more units than UTF-8 has bytes.
        if (utf8.Length <= OnStack)
        {
            return IsMatch(utf8, stackalloc char[OnStack]);
        }

        char[] rented = ArrayPool<char>.Shared.Rent(utf8.Length);
        bool isMatch = IsMatch(utf8, rented);
        ArrayPool<char>.Shared.Return(rented);
        return isMatch;
    }

    private bool IsMatch(ReadOnlySpan<byte> utf8, Span<char> buffer)
    {
        Utf8.ToUtf16(utf8, buffer, out _, out int length);
        return regex.IsMatch(buffer[..length]);
    }
}
