using System.Net;
using Outrider.Http.Streams;
using Outrider.Net.Loops;
using Outrider.Net.Sockets;
using Outrider.Plugins.Protocol;

namespace Outrider.Plugins.Processes.Grpc;

/// <summary>The calls of one loop to one address: their connection, and those that wait for it. On that loop.</summary>
internal sealed class GrpcClient(EventLoop loop, EndPoint endPoint)
{
    // For a process on this machine. A call's own time is most often shorter, and ends it then.
    private const int ConnectMilliseconds = 10_000;

    // Enough for what is in flight at most times; the rest is made anew.
    private const int MaxSpare = 256;

    // Messages of any size are taken at once, so windows are only a matter of how often they are opened again.
    private static readonly UpstreamLimits s_limits = new() { MaxConcurrentExchanges = int.MaxValue, ExchangeWindow = 1 << 20, ConnectionWindow = 1 << 20, KeepaliveInterval = 0 };

    private readonly LinkedList<GrpcExchange> _waiting = [];
    private readonly Stack<GrpcExchange> _spare = [];
    private GrpcConnection? _connection;
    private bool _closed;

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
            exchange.Send(connection.Established!);
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
        _connection?.Close();
        FailWaiting(new GrpcCallException(GrpcStatus.Unavailable, "the connection failed: the process has ended") { IsUnsent = true });
    }

    /// <summary>A call has ended: what carried it is free.</summary>
    internal void Ended(GrpcExchange exchange)
    {
        exchange.Node.List?.Remove(exchange.Node);
        if (_spare.Count < MaxSpare)
        {
            _spare.Push(exchange);
        }
    }

    /// <summary>The connection is there, or takes more calls.</summary>
    internal void OnRoom() => SendWaiting();

    /// <summary>The connection takes no more calls.</summary>
    internal void OnGoAway(GrpcConnection connection)
    {
        if (connection == _connection)
        {
            _connection = null;
            ConnectIfWanted();
        }
    }

    /// <summary>The connection has ended; its calls are told after this.</summary>
    internal void OnClosed(GrpcConnection connection, int error, string reason)
    {
        LastFault = reason;
        if (connection != _connection)
        {
            return;
        }

        _connection = null;
        if (connection.Established is not null)
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
        _connection = new GrpcConnection(this, endPoint, s_limits, ConnectMilliseconds);
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
            first.Value.Send(connection.Established!);
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
