using System.Text;
using System.Text.RegularExpressions;

namespace Outrider.Configuration.Model;

/// <summary>One header that an answer has, or has not: Envoy's <c>HeaderMatcher</c>.</summary>
/// <param name="name">The header's name.</param>
/// <param name="pattern">What some part of its first value is; null: it is there.</param>
/// <param name="isInverted">The other way round. A header that is not there fits no pattern, inverted or not.</param>
internal sealed class ResponseHeaderMatch(string name, Regex? pattern, bool isInverted)
{
    private const int OnStack = 512;

    private readonly byte[] _name = Encoding.UTF8.GetBytes(name);

    /// <summary>The header's name.</summary>
    internal ReadOnlySpan<byte> Name => _name;

    /// <summary>Does it fit? Allocates nothing for values of up to 512 bytes.</summary>
    /// <param name="isThere">Has the answer such a header?</param>
    /// <param name="value">Its first value.</param>
    internal bool Matches(bool isThere, ReadOnlySpan<byte> value)
    {
        if (pattern is null || !isThere)
        {
            return pattern is null && isThere != isInverted;
        }

        Span<char> text = value.Length <= OnStack ? stackalloc char[OnStack] : new char[value.Length];
        return pattern.IsMatch(text[..Encoding.Latin1.GetChars(value, text)]) != isInverted;
    }
}
