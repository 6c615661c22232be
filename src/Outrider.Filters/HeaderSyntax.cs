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

    /// <exception cref="ArgumentException">The name is not a token or the value holds a control character.</exception>
    public static void ThrowIfInvalid(string name, string value) => ThrowIfInvalid(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));

    internal static ReadOnlySpan<byte> ToBytes(string text, Span<byte> scratch)
        => Encoding.UTF8.TryGetBytes(text, scratch, out int written) ? scratch[..written] : Encoding.UTF8.GetBytes(text);
}
