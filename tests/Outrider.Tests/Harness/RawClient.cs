using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Outrider.Tests.Harness;

/// <summary>A client that sends exactly the bytes it is told to, and shows exactly those that come back. Latin-1, so a char is a byte.</summary>
internal sealed class RawClient : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly Socket _socket;

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
            bytes = bytes[await _socket.SendAsync(bytes).AsTask().WaitAsync(s_patience)..];
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

    /// <summary>Reads a head, and as much of a body as <c>content-length</c> says.</summary>
    internal Task<string> ReadResponseAsync() => ReadUntilAsync(text =>
    {
        int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return false;
        }

        if (text.Contains("transfer-encoding: chunked", StringComparison.OrdinalIgnoreCase))
        {
            return text.EndsWith("0\r\n\r\n", StringComparison.Ordinal);
        }

        int at = text.IndexOf("content-length: ", StringComparison.OrdinalIgnoreCase);
        int length = at < 0 || at > end ? 0 : int.Parse(text.AsSpan(at + 16, text.IndexOf('\r', at) - at - 16), System.Globalization.CultureInfo.InvariantCulture);
        return text.Length >= end + 4 + length;
    });

    internal Task<string> ReadToEndAsync() => ReadUntilAsync(_ => false);

    internal async Task<int> ReadAsync(Memory<byte> buffer)
    {
        try
        {
            return await _socket.ReceiveAsync(buffer).AsTask().WaitAsync(s_patience);
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
}
