using System.Globalization;
using Outrider.Net.Loops;

namespace Outrider.Proxy.Streams.Records;

/// <summary>The value of <c>Date</c> (RFC 9110 §6.6.1) on one loop, made anew once a second.</summary>
internal sealed class DateValue(EventLoop loop)
{
    private readonly byte[] _text = new byte[29];
    private long _second = -1;

    internal ReadOnlySpan<byte> Now
    {
        get
        {
            long second = loop.Now / 1000;
            if (second != _second)
            {
                _second = second;
                _ = DateTime.UtcNow.TryFormat(_text, out _, "r", CultureInfo.InvariantCulture);
            }

            return _text;
        }
    }
}
