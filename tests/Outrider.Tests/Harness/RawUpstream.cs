using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Outrider.Tests.Harness;

/// <summary>An upstream that does what a test tells it to, however wrong: each connection is handed to a script. Remembers every byte that reached it.</summary>
internal sealed class RawUpstream : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Socket> _sockets = [];
    private readonly StringBuilder _received = new();
    private int _connections;

    /// <param name="script">Serves one connection, given with its number from 1; when it returns the connection closes.</param>
    internal RawUpstream(Func<UpstreamConnection, int, Task> script)
    {
        _listener.Start();
        _ = AcceptAsync(script);
    }

    /// <summary>An upstream that answers each request with <paramref name="response"/> once the request's head is there (and its body, where that has a length).</summary>
    internal static RawUpstream Answering(string response, bool remembers = true) => new(async (connection, _) =>
    {
        while (await connection.ReadRequestAsync() is { Length: > 0 })
        {
            await connection.SendAsync(response);
        }
    })
    {
        Remembers = remembers,
    };

    /// <summary>Is <see cref="Received"/> kept? Not for a test that measures this process's memory.</summary>
    internal bool Remembers { get; init; } = true;

    internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    internal string Address => $"127.0.0.1:{Port}";

    /// <summary>How many connections were accepted.</summary>
    internal int Connections => Volatile.Read(ref _connections);

    /// <summary>Everything that has arrived, on all connections.</summary>
    internal string Received
    {
        get
        {
            lock (_received)
            {
                return _received.ToString();
            }
        }
    }

    public void Dispose()
    {
        _listener.Stop();
        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }
    }

    private async Task AcceptAsync(Func<UpstreamConnection, int, Task> script)
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync();
                socket.NoDelay = true;
                _sockets.Add(socket);
                _ = ServeAsync(script, socket, Interlocked.Increment(ref _connections));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(Func<UpstreamConnection, int, Task> script, Socket socket, int number)
    {
        try
        {
            await script(new UpstreamConnection(socket, Note), number);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
        }
        finally
        {
            socket.Dispose();
        }
    }

    private void Note(string text)
    {
        if (!Remembers)
        {
            return;
        }

        lock (_received)
        {
            _received.Append(text);
        }
    }
}

/// <summary>One connection of a <see cref="RawUpstream"/>.</summary>
internal sealed class UpstreamConnection(Socket socket, Action<string> note)
{
    private string _rest = "";

    internal Socket Socket => socket;

    internal async Task SendAsync(string text)
    {
        ReadOnlyMemory<byte> bytes = Encoding.Latin1.GetBytes(text);
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes)..];
        }
    }

    /// <summary>What comes next; empty at the end.</summary>
    internal async Task<string> ReadAsync()
    {
        if (_rest.Length > 0)
        {
            string rest = _rest;
            _rest = "";
            return rest;
        }

        var buffer = new byte[64 * 1024];
        int count = await socket.ReceiveAsync(buffer);
        string text = Encoding.Latin1.GetString(buffer, 0, count);
        note(text);
        return text;
    }

    /// <summary>A whole request with its body; empty at the end.</summary>
    internal async Task<string> ReadRequestAsync()
    {
        string text = "";
        while (true)
        {
            int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                int length = BodyLength(text, end + 4);
                if (length >= 0)
                {
                    _rest = text[(end + 4 + length)..];
                    return text[..(end + 4 + length)];
                }
            }

            string more = await ReadAsync();
            if (more.Length == 0)
            {
                return "";
            }

            text += more;
        }
    }

    /// <summary>Breaks the connection with a reset.</summary>
    internal void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    // How long the body is, or −1 while it has not all come.
    private static int BodyLength(string text, int start)
    {
        string head = text[..start];
        if (head.Contains("transfer-encoding: chunked", StringComparison.OrdinalIgnoreCase))
        {
            // The last chunk is the line "0"; trailers may follow it.
            int last = text.IndexOf("\r\n0\r\n", start - 2, StringComparison.Ordinal);
            int end = last < 0 ? -1 : text.IndexOf("\r\n\r\n", last + 3, StringComparison.Ordinal);
            return end < 0 ? -1 : end + 4 - start;
        }

        int at = head.IndexOf("content-length: ", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return 0;
        }

        int length = int.Parse(head.AsSpan(at + 16, head.IndexOf('\r', at) - at - 16), System.Globalization.CultureInfo.InvariantCulture);
        return text.Length - start >= length ? length : -1;
    }
}
