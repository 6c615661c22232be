using System.Collections.Concurrent;
using System.Net;
using Google.Protobuf;
using Outrider.Net.Loops;
using Outrider.Plugins.Protocol;

namespace Outrider.Plugins.Processes.Grpc;

/// <summary>
/// gRPC calls to one address (grpc/grpc, doc/PROTOCOL-HTTP2.md). Each loop that calls has an HTTP/2 connection of its own, so a
/// stream's call leaves and comes back on the stream's thread, without a lock or a hand-over; all other threads share the
/// one of <paramref name="home"/>. A connection is made by the first call, and again by the next one when it broke. Any thread.
/// </summary>
internal sealed class GrpcChannel(EndPoint endPoint, EventLoop home) : IDisposable
{
    private readonly ConcurrentDictionary<EventLoop, GrpcClient> _clients = [];
    private volatile bool _disposed;

    internal EndPoint EndPoint { get; } = endPoint;

    /// <summary>One message there, one back.</summary>
    /// <param name="method">The path of the method.</param>
    /// <param name="request">What is asked; read before this returns.</param>
    /// <param name="parser">Reads the answer.</param>
    /// <param name="maxMessageSize">The largest message either way, in bytes.</param>
    /// <param name="timeout">How long it may take; the other side is told.</param>
    /// <param name="cancellationToken">Gives up, which the other side learns.</param>
    /// <exception cref="GrpcCallException">The call failed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    internal async ValueTask<T> CallAsync<T>(
        string method, IMessage request, MessageParser<T> parser, int maxMessageSize, TimeSpan timeout, CancellationToken cancellationToken)
        where T : IMessage<T>
    {
        var call = new GrpcCall(method, request, maxMessageSize, timeout);
        try
        {
            await RunAsync(call, cancellationToken).ConfigureAwait(true);
            return Parse(parser, call.Answer);
        }
        finally
        {
            call.Release();
        }
    }

    /// <summary>One message there, any number back, each handed to <paramref name="take"/> on a loop; returns at the end of the call, however it ended.</summary>
    internal async Task StreamAsync<T>(string method, IMessage request, MessageParser<T> parser, int maxMessageSize, Action<T> take, CancellationToken cancellationToken)
        where T : IMessage<T>
    {
        var call = new GrpcCall(method, request, maxMessageSize, Timeout.InfiniteTimeSpan) { Take = bytes => take(Parse(parser, bytes)) };
        try
        {
            await RunAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or GrpcCallException)
        {
            // Most plugins offer no such method, and all streams end with their process.
        }
        finally
        {
            call.Release();
        }
    }

    public void Dispose()
    {
        _disposed = true;
        foreach (var (loop, client) in _clients)
        {
            loop.Post(static client => ((GrpcClient)client!).Close(), client);
        }
    }

    // The answer stands in the call. What follows runs where the caller awaits: on its loop, or on the thread pool.
    private async ValueTask RunAsync(GrpcCall call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var loop = EventLoop.Current;
        call.Client = _clients.GetOrAdd(loop ?? home, static (loop, channel) => new GrpcClient(loop, channel.EndPoint), this);
        if (loop is not null)
        {
            call.Client.Begin(call);
        }
        else
        {
            home.Post(static call => ((GrpcCall)call!).Client.Begin((GrpcCall)call), call);
        }

        if (_disposed)
        {
            // It may have been made after the others were told.
            call.Client.Loop.Post(static client => ((GrpcClient)client!).Close(), call.Client);
        }

        using var registration = cancellationToken.UnsafeRegister(
            static call => ((GrpcCall)call!).Client.Loop.Post(static call => ((GrpcCall)call!).Cancel(), call), call);
        try
        {
            await call.Task.ConfigureAwait(true);
        }
        catch (OperationCanceledException)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    private static T Parse<T>(MessageParser<T> parser, ReadOnlySpan<byte> bytes) where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new GrpcCallException(GrpcStatus.Internal, "the answer is not a message: " + e.Message, e);
        }
    }
}
