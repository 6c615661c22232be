using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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
    public static bool IsToken(ReadOnlySpan<byte> text) => IsPlainName(text) || IsOtherToken(text);

    /// <summary>How many bytes at the front are of a token.</summary>
    public static int TokenLength(ReadOnlySpan<byte> text) => text.IndexOfAnyExcept(s_token) is >= 0 and var end ? end : text.Length;

    /// <summary>May this stand in a field's value (RFC 9110 §5.5): no control character but the tab?</summary>
    public static bool IsValue(ReadOnlySpan<byte> text) => IsPlainValue(text) || IsOtherValue(text);

    /// <summary>Where the first byte is that is neither printable ASCII nor a blank; −1 where there is none. The fastest look for what may be in a value and what may not.</summary>
    internal static int IndexOfUnprintable(ReadOnlySpan<byte> text) => text.IndexOfAnyExceptInRange((byte)' ', (byte)'~');

    /// <exception cref="ArgumentException">The name is not a token or the value holds a control character.</exception>
    public static void ThrowIfInvalid(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!IsPlainName(name) || !IsPlainValue(value))
        {
            ThrowIfOtherIsInvalid(name, value);
        }
    }

    /// <exception cref="ArgumentException">The name is not a token, or the value holds a control character or one above U+00FF.</exception>
    public static void ThrowIfInvalid(string name, string value) => ThrowIfInvalid(ToBytes(name, default), ToBytes(value, default));

    /// <summary>
    /// Does a field of this name belong to the connection (RFC 9110 §7.6.1, §7.8), or say where a message ends? Such a field is
    /// written by the base alone, anew on each side.
    /// </summary>
    public static bool IsConnections(ReadOnlySpan<byte> name) => MayBeFraming(name) && name.Length switch
    {
        2 => Ascii.EqualsIgnoreCase(name, "te"u8),
        7 => Ascii.EqualsIgnoreCase(name, "upgrade"u8),
        10 => Ascii.EqualsIgnoreCase(name, "connection"u8) || Ascii.EqualsIgnoreCase(name, "keep-alive"u8),
        14 => Ascii.EqualsIgnoreCase(name, "http2-settings"u8),
        16 => Ascii.EqualsIgnoreCase(name, "proxy-connection"u8),
        17 => Ascii.EqualsIgnoreCase(name, "transfer-encoding"u8),
        _ => false,
    };

    /// <summary>
    /// Can a field of this name be one that <see cref="IsConnections"/>, or <c>content-length</c>? Asked first, by length and first letter alone, as nearly
    /// every field that is set is none of these.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool MayBeFraming(ReadOnlySpan<byte> name)
    {
        const uint Lengths = 1 << 2 | 1 << 7 | 1 << 10 | 1 << 14 | 1 << 16 | 1 << 17;
        // c, h, k, p, t and u, by the five low bits that upper and lower case have alike.
        const uint Letters = 1 << 3 | 1 << 8 | 1 << 11 | 1 << 16 | 1 << 20 | 1 << 21;
        return name.Length <= 17 && (Lengths >> name.Length & 1) != 0 && (Letters >> (name[0] & 31) & 1) != 0;
    }

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

    // Nearly every name is made of letters, digits and hyphens, and nearly every value is printable ASCII. Sixteen bytes at once tell, the last ones together
    // with some of those before them. What is too short for that, or holds something else, is searched for what may not be there.
    private static bool IsPlainName(ReadOnlySpan<byte> text)
    {
        if (text.Length < 16)
        {
            return text.Length >= 4 && IsPlainName(Ends(text));
        }

        for (var rest = text; rest.Length > 16; rest = rest[16..])
        {
            if (!IsPlainName(Vector128.Create(rest)))
            {
                return false;
            }
        }

        return IsPlainName(Vector128.Create(text[^16..]));
    }

    private static bool IsPlainValue(ReadOnlySpan<byte> text)
    {
        if (text.Length < 16)
        {
            return text.Length >= 4 && IsPlainValue(Ends(text));
        }

        for (var rest = text; rest.Length > 16; rest = rest[16..])
        {
            if (!IsPlainValue(Vector128.Create(rest)))
            {
                return false;
            }
        }

        return IsPlainValue(Vector128.Create(text[^16..]));
    }

    // All of 4 to 15 bytes, some of them twice; in which order does not matter.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Ends(ReadOnlySpan<byte> text)
        => text.Length >= 8
            ? Vector128.Create(BinaryPrimitives.ReadUInt64LittleEndian(text), BinaryPrimitives.ReadUInt64LittleEndian(text[^8..])).AsByte()
            : Vector128.Create(BinaryPrimitives.ReadUInt32LittleEndian(text), BinaryPrimitives.ReadUInt32LittleEndian(text[^4..]), 0x6161_6161, 0x6161_6161).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsPlainName(Vector128<byte> bytes)
    {
        var letters = Vector128.LessThanOrEqual((bytes | Vector128.Create((byte)0x20)) - Vector128.Create((byte)'a'), Vector128.Create((byte)('z' - 'a')));
        var digits = Vector128.LessThanOrEqual(bytes - Vector128.Create((byte)'0'), Vector128.Create((byte)9));
        return (letters | digits | Vector128.Equals(bytes, Vector128.Create((byte)'-'))) == Vector128<byte>.AllBitsSet;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsPlainValue(Vector128<byte> bytes)
        => Vector128.LessThanOrEqualAll(bytes - Vector128.Create((byte)' '), Vector128.Create((byte)('~' - ' ')));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsOtherToken(ReadOnlySpan<byte> text) => !text.IsEmpty && text.IndexOfAnyExcept(s_token) < 0;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsOtherValue(ReadOnlySpan<byte> text) => text.IndexOfAny(s_controls) < 0;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowIfOtherIsInvalid(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!IsOtherToken(name))
        {
            throw new ArgumentException($"'{Encoding.Latin1.GetString(name)}' is not a header name (RFC 9110 §5.1)");
        }

        if (!IsOtherValue(value))
        {
            throw new ArgumentException($"the value of '{Encoding.Latin1.GetString(name)}' holds a control character (RFC 9110 §5.5)");
        }
    }
}
