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

    /// <summary>Has the filter changed the body or the length, so that the two may differ?</summary>
    internal bool IsWatched { get; private set; }

    /// <summary>What to say of a length that is not kept.</summary>
    internal readonly InvalidOperationException Failure => new(
        $"content-length says {_announced} bytes, the filter made them {(_passed > _announced ? "more" : "fewer")}; remove the header in the headers method");

    /// <summary>What a head announces; −1 for nothing.</summary>
    internal static long Read(HeaderMap headers)
        => headers.TryGetValue("content-length"u8, out var value) && Utf8Parser.TryParse(value, out long length, out _) ? length : -1;

    /// <summary>Announces a length; −1 for none.</summary>
    internal static void Write(HeaderMap headers, long length)
    {
        if (length < 0)
        {
            _ = headers.Remove("content-length"u8);
            return;
        }

        Span<byte> digits = stackalloc byte[20];
        _ = Utf8Formatter.TryFormat(length, digits, out int written);
        headers.Set("content-length"u8, digits[..written]);
    }

    /// <summary>The filter has set the length of a body that comes behind its head.</summary>
    internal void Watch() => IsWatched = true;

    /// <summary>The filter lets a piece pass, which it may have changed.</summary>
    internal void OnPassed(int length, bool modified)
    {
        _passed += length;
        IsWatched |= modified;
    }

    /// <summary>True when what has passed agrees with the headers, or they announce nothing, or the filter has changed nothing.</summary>
    internal bool IsKept(HeaderMap headers, bool atEnd)
    {
        if (!IsWatched)
        {
            return true;
        }

        if (_announced < 0)
        {
            _announced = Read(headers) is >= 0 and var length ? length : long.MaxValue;
        }

        return _announced == long.MaxValue || (_passed <= _announced && !(atEnd && _passed < _announced));
    }
}
