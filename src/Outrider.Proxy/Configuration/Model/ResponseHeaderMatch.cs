using System.Text;
using System.Text.RegularExpressions;
using Outrider.Http.Headers;

namespace Outrider.Proxy.Configuration.Model;

/// <summary>One header that an answer has, or has not: Envoy's <c>HeaderMatcher</c>.</summary>
/// <param name="name">The header's name.</param>
/// <param name="pattern">What some part of its first value is; null: it is there.</param>
/// <param name="isInverted">The other way round. A header that is not there fits no pattern, inverted or not.</param>
internal sealed class ResponseHeaderMatch(string name, Regex? pattern, bool isInverted)
{
    private const int OnStack = 512;

    private readonly byte[] _name = Encoding.UTF8.GetBytes(name);

    /// <summary>Does it fit? Allocates nothing for values of up to 512 bytes.</summary>
    internal bool Matches(HeaderBlock fields)
    {
        int at = fields.IndexOf(_name);
        if (pattern is null || at < 0)
        {
            return pattern is null && at >= 0 != isInverted;
        }

        var value = fields.ValueAt(at);
        Span<char> text = value.Length <= OnStack ? stackalloc char[OnStack] : new char[value.Length];
        return pattern.IsMatch(text[..Encoding.Latin1.GetChars(value, text)]) != isInverted;
    }
}
