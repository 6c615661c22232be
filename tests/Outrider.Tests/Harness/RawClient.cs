using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Outrider.Tests.Harness;

/// <summary>A client that sends exactly the bytes it is told to, and shows exactly those that come back. Latin-1, so a char is a byte.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket;
    private string _rest = "";

    private RawClient(Socket socket) => _socket = socket;

    internal Socket Socket => _socket;

    internal static async Task<RawClient> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return new RawClient(socket);
    }

    /// <summary>Sends a request on a connection of its own and returns everything until the proxy closes.</summary>
    internal static async Task<string> ExchangeAsync(int port, string request)
    {
        using var client = await ConnectAsync(port);
        await client.SendAsync(request);
        return await client.ReadToEndAsync();
    }

    internal async Task SendAsync(string text) => await SendAsync(Encoding.Latin1.GetBytes(text));

    internal async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes).AsTask().SoonAsync()..];
        }
    }

    /// <summary>Reads until the text ends the way that is asked for, or the connection does.</summary>
    internal async Task<string> ReadUntilAsync(Func<string, bool> enough)
    {
        var text = new StringBuilder();
        var buffer = new byte[16 * 1024];
        while (!enough(text.ToString()))
        {
            int count = await ReadAsync(buffer);
            if (count == 0)
            {
                break;
            }

            text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        return text.ToString();
    }

    /// <summary>Reads one response: a head, and the body that its <c>content-length</c> or its chunks say. What came behind it is kept for the next read.</summary>
    internal async Task<string> ReadResponseAsync()
    {
        int length = -1;
        string text = await ReadUntilAsync(text => (length = LengthOf(text)) >= 0);
        if (length < 0)
        {
            return text;
        }

        _rest = text[length..];
        return text[..length];
    }

    internal async Task<string> ReadToEndAsync()
    {
        // Not by looking at the whole text after each piece of it: some answers have megabytes.
        var text = new StringBuilder();
        var buffer = new byte[16 * 1024];
        while (await ReadAsync(buffer) is > 0 and var count)
        {
            text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        return text.ToString();
    }

    internal async Task<int> ReadAsync(Memory<byte> buffer)
    {
        if (_rest.Length > 0)
        {
            int count = Encoding.Latin1.GetBytes(_rest.AsSpan(0, Math.Min(_rest.Length, buffer.Length)), buffer.Span);
            _rest = _rest[count..];
            return count;
        }

        try
        {
            return await _socket.ReceiveAsync(buffer).AsTask().SoonAsync();
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    /// <summary>Says that no more will be sent; goes on reading.</summary>
    internal void Shutdown() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Breaks the connection with a reset.</summary>
    internal void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public void Dispose() => _socket.Dispose();

    // How long the response is that the text begins with; −1 while it is not whole.
    private static int LengthOf(string text)
    {
        int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        if (end < 4)
        {
            return -1;
        }

        if (WireReader.Field(text[..end], "transfer-encoding") == "chunked")
        {
            return EndOfChunks(text, end);
        }

        int length = end + int.Parse(WireReader.Field(text[..end], "content-length") ?? "0", CultureInfo.InvariantCulture);
        return text.Length >= length ? length : -1;
    }

    private static int EndOfChunks(string text, int at)
    {
        while (text.IndexOf("\r\n", at, StringComparison.Ordinal) is >= 0 and var line)
        {
            int size = int.Parse(text.AsSpan(at, line - at), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (size == 0)
            {
                int end = text.IndexOf("\r\n\r\n", line, StringComparison.Ordinal);
                return end < 0 ? -1 : end + 4;
            }

            at = line + 2 + size + 2;
            if (at > text.Length)
            {
                return -1;
            }
        }

        return -1;
    }
}
