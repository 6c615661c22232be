using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Outrider.Net.Addresses;

namespace Outrider.Proxy.Logging;

/// <summary>
/// Writes one line of a log into a buffer that its maker lends. Nothing is allocated. What does not fit is cut off
/// (<see cref="IsTruncated"/>); one byte is always kept for the newline. Lives on one thread's stack.
/// </summary>
/// <param name="buffer">Where the bytes go.</param>
internal ref struct Utf8Writer(Span<byte> buffer)
{
    // What is not simply text of ASCII, and so has to be looked at: C0, DEL, the quote, the backslash, and all beyond ASCII.
    private static readonly SearchValues<byte> s_special = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Append('"').Append('\\').Concat(Enumerable.Range(127, 129)).Select(static value => (byte)value)]);

    private readonly Span<byte> _buffer = buffer;
    private int _end = buffer.Length - 1;

    /// <summary>How many bytes there are.</summary>
    public int Length { get; private set; }

    /// <summary>True when something did not fit.</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>How <see cref="Write(ReadOnlySpan{byte})"/> and <see cref="WriteText"/> write what they are given. Default: as error logs do.</summary>
    public LogEscaping Escaping { get; set; }

    private readonly Span<byte> Free => _buffer[Length.._end];

    /// <summary>Of what is written from here on, so many bytes fit at most; until <see cref="Unlimit"/>.</summary>
    public void Limit(int bytes) => _end = Math.Min(Length + bytes, _buffer.Length - 1);

    /// <summary>The whole buffer may be used again.</summary>
    public void Unlimit() => _end = _buffer.Length - 1;

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

    /// <summary>Writes bytes that somebody else chose, as <see cref="Escaping"/> says. What does not fit is left out whole: no escape is cut in two.</summary>
    public void Write(scoped ReadOnlySpan<byte> bytes)
    {
        if (Escaping == LogEscaping.None)
        {
            WriteRaw(bytes);
            return;
        }

        while (bytes.IndexOfAny(s_special) is >= 0 and var at)
        {
            WriteRaw(bytes[..at]);
            bytes = bytes[at..];
            bytes = bytes[WriteSpecial(bytes)..];
            if (IsTruncated && Free.IsEmpty)
            {
                return;
            }
        }

        WriteRaw(bytes);
    }

    /// <summary>Writes text that somebody else chose, as UTF-8 and as <see cref="Escaping"/> says.</summary>
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

    /// <summary>Writes a duration in a unit: whole microseconds for <c>us</c>, milliseconds with three decimals for <c>ms</c>, else as Go does.</summary>
    public void Write(TimeSpan duration, scoped ReadOnlySpan<byte> unit)
    {
        if (unit.IsEmpty)
        {
            Write(duration);
            return;
        }

        long microseconds = Math.Max(duration.Ticks, 0) / TimeSpan.TicksPerMicrosecond;
        if (unit.SequenceEqual("us"u8))
        {
            Write(microseconds);
            return;
        }

        Span<byte> decimals = stackalloc byte[4];
        decimals[0] = (byte)'.';
        Digits((int)(microseconds % 1000), decimals[1..]);
        Write(microseconds / 1000);
        WriteRaw(decimals);
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
        Unlimit();
        _buffer[Length++] = (byte)'\n';
        return _buffer[..Length];
    }

    // One character that is not simply text; returns how many bytes it took.
    private int WriteSpecial(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes[0] is (byte)'"' or (byte)'\\')
        {
            WriteWhole(Escaping == LogEscaping.Controls ? bytes[..1] : [(byte)'\\', bytes[0]]);
            return 1;
        }

        bool valid = Rune.DecodeFromUtf8(bytes, out Rune rune, out int length) == OperationStatus.Done;
        if (valid && !IsInvisible(rune))
        {
            WriteWhole(bytes[..length]);
        }
        else if (Escaping == LogEscaping.Json)
        {
            Span<char> units = stackalloc char[2];
            // Latin-1, where it is not UTF-8: byte by byte.
            int count = valid ? rune.EncodeToUtf16(units) : 1;
            units[0] = valid ? units[0] : (char)bytes[0];
            length = valid ? length : 1;
            foreach (char unit in units[..count])
            {
                WriteWhole([(byte)'\\', (byte)'u', Digit(unit >> 12), Digit(unit >> 8 & 15), Digit(unit >> 4 & 15), Digit(unit & 15)]);
            }
        }
        else
        {
            length = valid ? length : 1;
            foreach (byte value in bytes[..length])
            {
                WriteWhole([(byte)'\\', (byte)'x', Digit(value >> 4), Digit(value & 15)]);
            }
        }

        return length;
    }

    // Cc, Cf (which turns directions), Zl and Zp.
    private static bool IsInvisible(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private void WriteWhole(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Free.Length)
        {
            // Nothing after it may be written either, or the text would have a hole.
            IsTruncated = true;
            _end = Length;
            return;
        }

        WriteRaw(bytes);
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
