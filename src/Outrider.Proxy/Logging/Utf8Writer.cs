using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Outrider.Net;

namespace Outrider.Proxy.Logging;

/// <summary>
/// Writes one line of a log into a buffer that its maker lends. Nothing is allocated. What does not fit is cut off
/// (<see cref="IsTruncated"/>); one byte is always kept for the newline. Lives on one thread's stack.
/// </summary>
/// <param name="buffer">Where the bytes go.</param>
internal ref struct Utf8Writer(Span<byte> buffer)
{
    // What would end the line or move a terminal's cursor: C0 and DEL.
    private static readonly SearchValues<byte> s_controls = SearchValues.Create(
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 127]);

    private readonly Span<byte> _buffer = buffer;

    /// <summary>How many bytes there are.</summary>
    public int Length { get; private set; }

    /// <summary>True when something did not fit.</summary>
    public bool IsTruncated { get; private set; }

    private readonly Span<byte> Free => _buffer[Length..^1];

    /// <summary>Goes back to a length that the line had before.</summary>
    public void Rewind(int length) => Length = Math.Min(length, Length);

    /// <summary>Writes bytes as they are: for what the proxy itself says.</summary>
    public void WriteRaw(scoped ReadOnlySpan<byte> bytes)
    {
        Span<byte> free = Free;
        if (bytes.Length > free.Length)
        {
            bytes = bytes[..free.Length];
            IsTruncated = true;
        }

        bytes.CopyTo(free);
        Length += bytes.Length;
    }

    /// <summary>Writes bytes that somebody else chose: control characters become <c>\xNN</c>.</summary>
    public void Write(scoped ReadOnlySpan<byte> bytes)
    {
        while (bytes.IndexOfAny(s_controls) is >= 0 and var at)
        {
            WriteRaw(bytes[..at]);
            byte control = bytes[at];
            WriteRaw([(byte)'\\', (byte)'x', Digit(control >> 4), Digit(control & 15)]);
            bytes = bytes[(at + 1)..];
        }

        WriteRaw(bytes);
    }

    /// <summary>Writes text that somebody else chose, as UTF-8: control characters become <c>\xNN</c>.</summary>
    public void WriteText(scoped ReadOnlySpan<char> text)
    {
        const int CharsAtOnce = 128;
        Span<byte> bytes = stackalloc byte[CharsAtOnce * 3];
        while (text.Length > 0)
        {
            int count = Math.Min(text.Length, CharsAtOnce);
            if (count < text.Length && char.IsHighSurrogate(text[count - 1]))
            {
                count--;
            }

            Write(bytes[..Encoding.UTF8.GetBytes(text[..count], bytes)]);
            text = text[count..];
        }
    }

    /// <summary>Writes a whole number.</summary>
    public void Write(long value)
    {
        Span<byte> digits = stackalloc byte[20];
        _ = Utf8Formatter.TryFormat(value, digits, out int written);
        WriteRaw(digits[..written]);
    }

    /// <summary>Writes <c>true</c> or <c>false</c>.</summary>
    public void Write(bool value) => WriteRaw(value ? "true"u8 : "false"u8);

    /// <summary>Writes a number as Go writes flags: <c>0x20</c>.</summary>
    public void WriteHex(long value)
    {
        Span<byte> digits = stackalloc byte[16];
        _ = Utf8Formatter.TryFormat(value, digits, out int written, new StandardFormat('x'));
        WriteRaw("0x"u8);
        WriteRaw(digits[..written]);
    }

    /// <summary>Writes a duration as Go does: <c>1.234ms</c>.</summary>
    public void Write(TimeSpan duration)
    {
        Span<byte> text = stackalloc byte[GoDurationText.MaxLength];
        WriteRaw(text[..GoDurationText.Format(duration, text)]);
    }

    /// <summary>Writes an address with its port: <c>10.0.0.1:80</c>, <c>[2001:db8::1]:80</c>, <c>unix</c>.</summary>
    public void Write(in PeerAddress address)
    {
        Span<byte> text = stackalloc byte[PeerAddress.MaxAddressLength];
        ReadOnlySpan<byte> ip = text[..address.FormatAddress(text)];
        if (!address.IsKnown || address.IsUnix)
        {
            WriteRaw(ip);
            return;
        }

        bool v6 = ip.Contains((byte)':');
        WriteRaw(v6 ? "["u8 : default);
        WriteRaw(ip);
        WriteRaw(v6 ? "]:"u8 : ":"u8);
        Write(address.Port);
    }

    /// <summary>Writes a time in the machine's time zone.</summary>
    public void WriteTime(DateTime utc, LogTimeFormat format)
    {
        DateTime time = LocalClock.FromUtc(utc);
        Span<byte> text = stackalloc byte[23];
        (byte day, byte fraction) = format == LogTimeFormat.Access ? ((byte)'/', (byte)'.') : ((byte)'-', (byte)',');
        Digits(time.Year, text[..4]);
        text[4] = day;
        Digits(time.Month, text.Slice(5, 2));
        text[7] = day;
        Digits(time.Day, text.Slice(8, 2));
        text[10] = (byte)' ';
        Digits(time.Hour, text.Slice(11, 2));
        text[13] = (byte)':';
        Digits(time.Minute, text.Slice(14, 2));
        text[16] = (byte)':';
        Digits(time.Second, text.Slice(17, 2));
        text[19] = fraction;
        Digits(time.Millisecond, text.Slice(20, 3));
        WriteRaw(text);
    }

    /// <summary>Adds the newline and returns the whole line.</summary>
    public ReadOnlySpan<byte> FinishLine()
    {
        _buffer[Length++] = (byte)'\n';
        return _buffer[..Length];
    }

    private static byte Digit(int value) => (byte)(value < 10 ? '0' + value : 'A' + value - 10);

    private static void Digits(int value, Span<byte> destination)
    {
        for (int i = destination.Length - 1; i >= 0; i--)
        {
            destination[i] = (byte)('0' + value % 10);
            value /= 10;
        }
    }
}
