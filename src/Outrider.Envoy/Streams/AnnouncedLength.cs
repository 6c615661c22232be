using System.Buffers.Text;
using Outrider.Filters;

namespace Outrider.Envoy.Streams;

/// <summary>
/// The length that a message's headers announce, and what a filter lets pass of its body. A filter that makes a body longer
/// or shorter than announced would have the rest of it taken for another message: the stream fails instead.
/// </summary>
internal struct AnnouncedLength()
{
    // −1 while nobody has looked; the largest number for none.
    private long _announced = -1;
    private long _passed;
    private bool _resized;

    /// <summary>What to say of a length that is not kept.</summary>
    internal readonly InvalidOperationException Failure => new(
        $"content-length says {_announced} bytes, the filter made them {(_passed > _announced ? "more" : "fewer")}; remove the header in the headers method");

    /// <summary>A filter has changed a body that has not begun to go on: its length is announced anew, if it was announced.</summary>
    internal static void Fix(HeaderMap headers, int length)
    {
        if (headers.Contains("content-length"u8))
        {
            Span<byte> digits = stackalloc byte[20];
            _ = Utf8Formatter.TryFormat(length, digits, out int written);
            headers.Set("content-length"u8, digits[..written]);
        }
    }

    /// <summary>The filter lets a piece pass, which it may have changed.</summary>
    internal void OnPassed(int length, bool modified)
    {
        _passed += length;
        _resized |= modified;
    }

    /// <summary>True when what has passed agrees with the headers, or they announce nothing, or the filter has changed nothing.</summary>
    internal bool IsKept(HeaderMap headers, bool atEnd)
    {
        if (!_resized)
        {
            return true;
        }

        if (_announced < 0)
        {
            _announced = headers.TryGetValue("content-length"u8, out var value) && Utf8Parser.TryParse(value, out long length, out _) ? length : long.MaxValue;
        }

        return _announced == long.MaxValue || (_passed <= _announced && !(atEnd && _passed < _announced));
    }
}
