using System.Net;
using System.Net.Sockets;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Upstream;

/// <summary>A host on an address of its own that behaves as it is told to, from one request to the next: it may be gone, and come back there. It answers with the last part of the path.</summary>
internal sealed class ChaosHost : IDisposable
{
    private readonly IPEndPoint _address;
    private readonly Lock _changing = new();
    private readonly HashSet<Socket> _open = [];
    private volatile Mood _mood;
    private Socket? _listener;

    internal ChaosHost(IPAddress address, int port)
    {
        _address = new IPEndPoint(address, port);
        Become(Mood.Well);
    }

    internal enum Mood
    {
        Well,
        Errors,
        Hangs,
        Resets,
        Slow,
        Garbage,
        Cuts,

        /// <summary>Nobody listens there, and its connections are gone.</summary>
        Dead,
    }

    internal string Address => _address.ToString();

    internal void Become(Mood mood)
    {
        lock (_changing)
        {
            _mood = mood;
            if (mood == Mood.Dead)
            {
                _listener?.Dispose();
                _listener = null;
                foreach (var socket in _open)
                {
                    socket.Dispose();
                }
            }
            else if (_listener is null)
            {
                _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                _listener.Bind(_address);
                _listener.Listen(512);
                _ = AcceptAsync(_listener);
            }
        }
    }

    public void Dispose() => Become(Mood.Dead);

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Dead.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        lock (_changing)
        {
            _open.Add(socket);
        }

        try
        {
            socket.NoDelay = true;
            var connection = new UpstreamConnection(socket, _ => { });
            while (await connection.ReadRequestAsync() is { Length: > 0 } request && await AnswerAsync(connection, request))
            {
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // The proxy has given it up, or this host is dead.
        }
        finally
        {
            lock (_changing)
            {
                _open.Remove(socket);
            }

            socket.Dispose();
        }
    }

    // False: the connection ends.
    private async Task<bool> AnswerAsync(UpstreamConnection connection, string request)
    {
        string path = request.Split(' ')[1];
        string token = path[(path.LastIndexOf('/') + 1)..];
        string answer = $"HTTP/1.1 200 OK\r\ncontent-length: {token.Length}\r\n\r\n{token}";
        switch (_mood)
        {
            case Mood.Errors:
                answer = "HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n";
                break;
            case Mood.Hangs:
                await connection.ReadAsync();
                return false;
            case Mood.Resets:
                connection.Reset();
                return false;
            case Mood.Slow:
                await connection.SendAsync(answer[..20]);
                await Task.Delay(20);
                answer = answer[20..];
                break;
            case Mood.Garbage:
                answer = "\0\x1\x2 nonsense\r\n\r\n";
                break;
            case Mood.Cuts:
                await connection.SendAsync(answer[..^1]);
                return false;
        }

        await connection.SendAsync(answer);
        return true;
    }
}
