using System.Globalization;

namespace Outrider.Configuration.Json;

/// <summary>
/// Walks a path as System.Text.Json writes it into its exceptions (<c>$.rules[0]['a.b']</c>) step by step; the <c>$</c> may be
/// missing. It stops where it no longer understands, since such a path serves to point at a place, not to compute.
/// </summary>
internal ref struct JsonPathSteps
{
    private ReadOnlySpan<char> _rest;

    /// <param name="path">The path.</param>
    public JsonPathSteps(string path)
    {
        _rest = path.AsSpan().Trim();
        _rest = _rest.StartsWith("$") ? _rest[1..] : _rest;
        Key = "";
        Index = -1;
    }

    /// <summary>The key that this step follows, when <see cref="Index"/> is negative.</summary>
    public string Key { get; private set; }

    /// <summary>The element that this step follows; -1 for a key.</summary>
    public int Index { get; private set; }

    /// <summary>Goes on to the next step; false at the end.</summary>
    public bool MoveNext()
    {
        Index = -1;
        if (_rest.StartsWith("['"))
        {
            int close = _rest.IndexOf("']");
            return close >= 2 && TakeKey(2, close, close + 2);
        }

        if (_rest.StartsWith("["))
        {
            int close = _rest.IndexOf(']');
            if (close < 0 || !int.TryParse(_rest[1..close], NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            {
                return false;
            }

            Index = index;
            _rest = _rest[(close + 1)..];
            return true;
        }

        int start = _rest.StartsWith(".") ? 1 : 0;
        int length = _rest[start..].IndexOfAny('.', '[');
        int end = length < 0 ? _rest.Length : start + length;
        return end > start && TakeKey(start, end, end);
    }

    private bool TakeKey(int start, int end, int next)
    {
        Key = _rest[start..end].ToString();
        _rest = _rest[next..];
        return true;
    }
}
