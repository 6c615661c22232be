using System.Net;
using Outrider.Http.V1;
using Outrider.Http.V2.Client;
using Outrider.Net.Loops;
using Outrider.Net.Sockets;
using Outrider.Plugins.Protocol;

namespace Outrider.Plugins.Processes.Grpc;

/// <summary>The calls of one loop to one address: their connection, and those that wait for it. On that loop.</summary>
internal sealed class GrpcClient(EventLoop loop, EndPoint endPoint) : IHttp2ClientOwner
{
    // For a process on this machine. A call's own time is most often shorter, and ends it then.
    private const int ConnectMilliseconds = 10_000;

    // Enough for what is in flight at most times; the rest is made anew.
    private const int MostSpare = 256;

    private static readonly HttpLimits s_limits = new();

    private readonly LinkedList<GrpcExchange> _waiting = [];
    private readonly Stack<GrpcExchange> _spare = [];
    private Http2ClientConnection? _connection;
    private bool _connected, _closed;

    internal EventLoop Loop { get; } = loop;

    /// <summary>What the other side did wrong last.</summary>
    internal string LastFault { get; private set; } = "";

    /// <summary>Begins a call.</summary>
    internal void Begin(GrpcCall call)
    {
        if (_closed)
        {
            call.Fail(new GrpcCallException(GrpcStatus.Unavailable, "the connection failed: the process has ended"));
            return;
        }

        var exchange = _spare.TryPop(out var spare) ? spare : new GrpcExchange(this);
        exchange.Begin(call);
        if (_connection is { HasRoom: true } connection && _waiting.Count == 0)
        {
            exchange.Send(connection);
            return;
        }

        _waiting.AddLast(exchange.Node);
        if (_connection is null)
        {
            Connect();
        }
    }

    /// <summary>Ends everything.</summary>
    internal void Close()
    {
        _closed = true;
        _connection?.Transport.Close();
        FailWaiting(new GrpcCallException(GrpcStatus.Unavailable, "the connection failed: the process has ended") { IsUnsent = true });
    }

    /// <summary>A call has ended: what carried it is free.</summary>
    internal void Ended(GrpcExchange exchange)
    {
        exchange.Node.List?.Remove(exchange.Node);
        if (_spare.Count < MostSpare)
        {
            _spare.Push(exchange);
        }
    }

    public void OnConnected(Http2ClientConnection connection)
    {
        _connected = true;
        SendWaiting();
    }

    public void OnRoom(Http2ClientConnection connection) => SendWaiting();

    public void OnGoAway(Http2ClientConnection connection)
    {
        if (connection == _connection)
        {
            _connection = null;
            ConnectIfWanted();
        }
    }

    public void OnClosed(Http2ClientConnection connection, int error, string reason)
    {
        LastFault = reason;
        if (connection != _connection)
        {
            return;
        }

        _connection = null;
        if (_connected)
        {
            ConnectIfWanted();
        }
        else
        {
            FailWaiting(new GrpcCallException(GrpcStatus.Unavailable, "the connection failed: " + (reason.Length > 0 ? reason : SocketErrors.Describe(error))) { IsUnsent = true });
        }
    }

    private void Connect()
    {
        _connected = false;
        _connection = new Http2ClientConnection(Loop, this, endPoint, s_limits, ConnectMilliseconds);
    }

    private void ConnectIfWanted()
    {
        if (_waiting.Count > 0 && !_closed)
        {
            Connect();
        }
    }

    private void SendWaiting()
    {
        while (_connection is { HasRoom: true } connection && _waiting.First is { } first)
        {
            _waiting.RemoveFirst();
            first.Value.Send(connection);
        }
    }

    private void FailWaiting(GrpcCallException e)
    {
        while (_waiting.First is { } first)
        {
            first.Value.Fail(new GrpcCallException(e.Status, e.Message) { IsUnsent = e.IsUnsent });
        }
    }
}
