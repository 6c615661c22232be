using System.Buffers;
using System.Text;

namespace Outrider.Filters;

/// <summary>What RFC 9110 §5 allows in a field: the one place that says it for extensions and for every base.</summary>
public static class HeaderSyntax
{
    private static readonly SearchValues<byte> s_token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> s_controls = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Where(b => b != '\t').Select(b => (byte)b), 127]);

    /// <summary>Is this a token (RFC 9110 §5.6.2), as field names and methods must be?</summary>
    public static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && text.IndexOfAnyExcept(s_token) < 0;

    /// <summary>How many bytes at the front are of a token.</summary>
    public static int TokenLength(ReadOnlySpan<byte> text) => text.IndexOfAnyExcept(s_token) is >= 0 and var end ? end : text.Length;

    /// <summary>May this stand in a field's value (RFC 9110 §5.5): no control character but the tab?</summary>
    public static bool IsValue(ReadOnlySpan<byte> text) => text.IndexOfAny(s_controls) < 0;

    /// <summary>Where the first byte is that is neither printable ASCII nor a blank; −1 where there is none. The fastest look for what may be in a value and what may not.</summary>
    internal static int IndexOfUnprintable(ReadOnlySpan<byte> text) => text.IndexOfAnyExceptInRange((byte)' ', (byte)'~');

    /// <exception cref="ArgumentException">The name is not a token or the value holds a control character.</exception>
    public static void ThrowIfInvalid(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!IsToken(name))
        {
            throw new ArgumentException($"'{Encoding.Latin1.GetString(name)}' is not a header name (RFC 9110 §5.1)");
        }

        if (!IsValue(value))
        {
            throw new ArgumentException($"the value of '{Encoding.Latin1.GetString(name)}' holds a control character (RFC 9110 §5.5)");
        }
    }

    /// <exception cref="ArgumentException">The name is not a token, or the value holds a control character or one above U+00FF.</exception>
    public static void ThrowIfInvalid(string name, string value) => ThrowIfInvalid(ToBytes(name, default), ToBytes(value, default));

    /// <summary>
    /// Does a field of this name belong to the connection (RFC 9110 §7.6.1, §7.8), or say where a message ends? Such a field is
    /// written by the base alone, anew on each side.
    /// </summary>
    public static bool IsConnections(ReadOnlySpan<byte> name) => name.Length switch
    {
        // By length first: this runs for every field that is set, and nearly every one is none of these.
        2 => Ascii.EqualsIgnoreCase(name, "te"u8),
        7 => Ascii.EqualsIgnoreCase(name, "upgrade"u8),
        10 => Ascii.EqualsIgnoreCase(name, "connection"u8) || Ascii.EqualsIgnoreCase(name, "keep-alive"u8),
        14 => Ascii.EqualsIgnoreCase(name, "http2-settings"u8),
        16 => Ascii.EqualsIgnoreCase(name, "proxy-connection"u8),
        17 => Ascii.EqualsIgnoreCase(name, "transfer-encoding"u8),
        _ => false,
    };

    /// <summary>Text as the bytes that <see cref="HeaderMap.GetString(string)"/> would read it from: one for each character.</summary>
    /// <exception cref="ArgumentException">There is a character that has no such byte.</exception>
    internal static ReadOnlySpan<byte> ToBytes(string text, Span<byte> scratch)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange('\0', '\u00ff') >= 0)
        {
            throw new ArgumentException($"'{text}' has a character above U+00FF, which no byte of a header stands for: give the bytes, where its reader takes them for UTF-8");
        }

        if (text.Length > scratch.Length)
        {
            return Encoding.Latin1.GetBytes(text);
        }

        return scratch[..Encoding.Latin1.GetBytes(text, scratch)];
    }
}
