using System.Buffers;
using System.Buffers.Binary;
using System.Threading.Tasks.Sources;
using Google.Protobuf;
using Outrider.Plugins.Protocol;

namespace Outrider.Plugins.Processes.Grpc;

/// <summary>Takes a message of an answer; the bytes are lent for the length of the call.</summary>
internal delegate void MessageTaker(ReadOnlySpan<byte> message);

/// <summary>
/// One call as its caller sees it: what is asked, and in the end the answer. Made and awaited anywhere; between the two it belongs to
/// the loop of its <see cref="Client"/>. Its memory comes from a pool and goes back by <see cref="Release"/>, once, when it has ended.
/// </summary>
internal sealed class GrpcCall : IValueTaskSource
{
    // Continuations never run inside of what completes the call: those of a loop are posted to it, all others go to the thread pool.
    private ManualResetValueTaskSourceCore<bool> _done = new() { RunContinuationsAsynchronously = true };
    private byte[] _request;
    private readonly int _requestLength;
    private byte[]? _answer;
    private int _answerLength;

    /// <exception cref="GrpcCallException">The message is too large.</exception>
    internal GrpcCall(string method, IMessage request, int maxMessageSize, TimeSpan timeout)
    {
        int length = request.CalculateSize();
        if (length > maxMessageSize)
        {
            throw new GrpcCallException(GrpcStatus.ResourceExhausted, $"the request has {length} bytes, more than {maxMessageSize}");
        }

        Method = method;
        MaxMessageSize = maxMessageSize;
        Timeout = timeout;
        _requestLength = GrpcMessages.PrefixLength + length;
        _request = ArrayPool<byte>.Shared.Rent(_requestLength);
        _request[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(_request.AsSpan(1), length);
        request.WriteTo(_request.AsSpan(GrpcMessages.PrefixLength, length));
    }

    /// <summary>The path of the method.</summary>
    internal string Method { get; }

    internal int MaxMessageSize { get; }

    /// <summary>How long it may take; infinite for streams.</summary>
    internal TimeSpan Timeout { get; }

    /// <summary>Takes the answer's messages where there may be any number of them; null where there is one.</summary>
    internal MessageTaker? Take { get; init; }

    /// <summary>Where it runs.</summary>
    internal GrpcClient Client { get; set; } = null!;

    /// <summary>What carries it out, while it runs.</summary>
    internal GrpcExchange? Exchange { get; set; }

    /// <summary>The end of the call; to be awaited once.</summary>
    internal ValueTask Task => new(this, _done.Version);

    /// <summary>The request as it is sent: flag, length, message.</summary>
    internal ReadOnlySpan<byte> Request => _request.AsSpan(0, _requestLength);

    /// <summary>The answer's message.</summary>
    internal ReadOnlySpan<byte> Answer => _answer.AsSpan(0, _answerLength);

    /// <summary>The answer is there, in pooled memory that is the call's from here on; null where the answers were taken.</summary>
    internal void Complete(byte[]? answer, int length)
    {
        _answer = answer;
        _answerLength = length;
        _done.SetResult(true);
    }

    internal void Fail(Exception e)
    {
        _done.SetException(e);
    }

    /// <summary>Gives the call up, if it still runs. On the client's loop.</summary>
    internal void Cancel() => Exchange?.Abandon(new OperationCanceledException());

    /// <summary>Gives the memory back.</summary>
    internal void Release()
    {
        ArrayPool<byte>.Shared.Return(_request);
        _request = [];
        if (_answer is not null)
        {
            ArrayPool<byte>.Shared.Return(_answer);
            _answer = null;
        }
    }

    void IValueTaskSource.GetResult(short token) => _done.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _done.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _done.OnCompleted(continuation, state, token, flags);
}
