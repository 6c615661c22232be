using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Outrider.Tests.Harness;

/// <summary>Takes HTTP/1.1 messages off a socket, one after the other, whoever sent them. A reader of its own, so that the proxy's mistakes are not made twice.</summary>
internal sealed class WireReader(Socket socket)
{
    private byte[] _buffer = new byte[128 * 1024];
    private int _start, _end;

    /// <summary>Did the connection end, in order or by a reset, before the last message did?</summary>
    internal bool IsTruncated { get; private set; }

    /// <summary>Was the connection reset?</summary>
    internal bool IsReset { get; private set; }

    /// <summary>The trailers of the last message, with their line ends; empty when there were none.</summary>
    internal string Trailers { get; private set; } = "";

    /// <summary>The next head with the empty line, or "" at the end.</summary>
    internal async Task<string> ReadHeadAsync()
    {
        int end;
        while ((end = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!await FillAsync())
            {
                return "";
            }
        }

        return Take(end + 4);
    }

    /// <summary>The body that belongs to that head.</summary>
    internal async Task<byte[]> ReadBodyAsync(string head)
    {
        var body = new MemoryStream();
        await CopyBodyAsync(head, body);
        return body.ToArray();
    }

    /// <summary>Reads the body that belongs to that head, and throws it away: for one that may have any length.</summary>
    internal Task SkipBodyAsync(string head) => CopyBodyAsync(head, Stream.Null);

    /// <summary>A whole message, body as Latin-1 text.</summary>
    internal async Task<(string Head, string Body)> ReadMessageAsync()
    {
        string head = await ReadHeadAsync();
        return (head, Encoding.Latin1.GetString(await ReadBodyAsync(head)));
    }

    /// <summary>So many bytes, or fewer at the end.</summary>
    internal async Task<byte[]> ReadBytesAsync(long count)
    {
        var bytes = new MemoryStream();
        await CopyAsync(bytes, count);
        return bytes.ToArray();
    }

    /// <summary>Is there nothing more, because the peer has closed?</summary>
    internal async Task<bool> IsAtEndAsync() => _start == _end && !await FillAsync();

    /// <summary>The value of a field, or null.</summary>
    internal static string? Field(string head, string name)
    {
        int at = head.IndexOf("\r\n" + name + ":", StringComparison.OrdinalIgnoreCase);
        return at < 0 ? null : head[(at + name.Length + 3)..head.IndexOf('\r', at + 2)].Trim();
    }

    private async Task CopyBodyAsync(string head, Stream body)
    {
        Trailers = "";
        if (head.Contains("\r\ntransfer-encoding: chunked\r\n", StringComparison.OrdinalIgnoreCase))
        {
            await ReadChunksAsync(body);
        }
        else if (Field(head, "content-length") is { } length)
        {
            await CopyAsync(body, long.Parse(length, CultureInfo.InvariantCulture));
        }
        else if (head.StartsWith("HTTP/", StringComparison.Ordinal) && !head.StartsWith("HTTP/1.1 204", StringComparison.Ordinal) && !head.StartsWith("HTTP/1.1 304", StringComparison.Ordinal))
        {
            await CopyAsync(body, long.MaxValue);
            IsTruncated = IsReset;
        }
    }

    private async Task ReadChunksAsync(Stream body)
    {
        while (true)
        {
            string? line = await ReadLineAsync();
            if (line is null)
            {
                IsTruncated = true;
                return;
            }

            int size = int.Parse(line.Split(';')[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (size == 0)
            {
                while (await ReadLineAsync() is { } trailer)
                {
                    if (trailer.Length == 0)
                    {
                        return;
                    }

                    Trailers += trailer + "\r\n";
                }

                IsTruncated = true;
                return;
            }

            await CopyAsync(body, size);
            if (await ReadLineAsync() is not "")
            {
                IsTruncated = true;
                return;
            }
        }
    }

    private async Task<string?> ReadLineAsync()
    {
        int end;
        while ((end = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8)) < 0)
        {
            if (!await FillAsync())
            {
                return null;
            }
        }

        string line = Take(end);
        _start += 2;
        return line;
    }

    private async Task CopyAsync(Stream to, long count)
    {
        while (count > 0)
        {
            if (_start == _end && !await FillAsync())
            {
                IsTruncated = true;
                return;
            }

            int piece = (int)Math.Min(count, _end - _start);
            to.Write(_buffer, _start, piece);
            _start += piece;
            count -= piece;
        }
    }

    private string Take(int count)
    {
        string text = Encoding.Latin1.GetString(_buffer, _start, count);
        _start += count;
        return text;
    }

    private async Task<bool> FillAsync()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_end == _buffer.Length)
        {
            var bigger = _start > 0 ? _buffer : new byte[_buffer.Length * 2];
            Array.Copy(_buffer, _start, bigger, 0, _end - _start);
            _buffer = bigger;
            _end -= _start;
            _start = 0;
        }

        try
        {
            int count = await socket.ReceiveAsync(_buffer.AsMemory(_end)).AsTask().SoonAsync();
            _end += count;
            return count > 0;
        }
        catch (SocketException)
        {
            IsReset = true;
            return false;
        }
    }
}
