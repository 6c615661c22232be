using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Outrider.Plugins.Protocol;

namespace Outrider.Plugins.Sdk.Serving;

/// <summary>One call as the server sees it: one message in, one message or a status out (grpc/grpc, doc/PROTOCOL-HTTP2.md).</summary>
internal sealed class GrpcCall : IDisposable
{
    private const int PrefixLength = 5;

    private readonly IFeatureCollection _features;
    private readonly IHttpRequestFeature _request;
    private readonly IHttpResponseFeature _response;
    private readonly int _maxMessageSize;
    private CancellationTokenSource? _deadline;

    internal GrpcCall(IFeatureCollection features, int maxMessageSize)
    {
        _features = features;
        _request = features.GetRequiredFeature<IHttpRequestFeature>();
        _response = features.GetRequiredFeature<IHttpResponseFeature>();
        _maxMessageSize = maxMessageSize;
        Path = _request.Path;
        Cancellation = Aborted;
    }

    internal string Path { get; }

    /// <summary>Cancelled when the caller's time is over or it has gone.</summary>
    internal CancellationToken Cancellation { get; private set; }

    /// <summary>Has the caller's time passed?</summary>
    internal bool IsTimedOut => IsOver && !Aborted.IsCancellationRequested;

    /// <summary>Is there nobody to answer any more?</summary>
    internal bool IsOver => Cancellation.IsCancellationRequested;

    private CancellationToken Aborted => _features.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;

    /// <summary>False, and the answer is made, when this is no gRPC call.</summary>
    internal bool TryBegin()
    {
        if (_request.Method != "POST" || !_request.Headers.ContentType.ToString().StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase))
        {
            _response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return false;
        }

        _response.Headers.ContentType = "application/grpc";
        if (_request.Headers.TryGetValue("grpc-timeout", out var timeout) && GrpcTimeout.TryParse(timeout.ToString(), out var time))
        {
            _deadline = CancellationTokenSource.CreateLinkedTokenSource(Aborted);
            _deadline.CancelAfter(time < MaxTime ? time : MaxTime);
            Cancellation = _deadline.Token;
        }

        return true;
    }

    /// <summary>The request's only message.</summary>
    /// <exception cref="GrpcFailureException">There is none, more than one, or it is too large.</exception>
    internal async ValueTask<T> ReadAsync<T>(MessageParser<T> parser) where T : IMessage<T>
    {
        var reader = _features.GetRequiredFeature<IRequestBodyPipeFeature>().Reader;
        while (true)
        {
            var result = await reader.ReadAsync(Cancellation).ConfigureAwait(false);
            var buffer = result.Buffer;
            if (Length(buffer) is { } length && buffer.Length >= PrefixLength + length)
            {
                var message = Parse(parser, buffer.Slice(PrefixLength, length));
                reader.AdvanceTo(buffer.GetPosition(PrefixLength + length));
                return message;
            }

            if (result.IsCompleted)
            {
                throw new GrpcFailureException(GrpcStatus.Internal, "the request ends before its message does");
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>Answers with a message.</summary>
    /// <exception cref="GrpcFailureException">It is too large.</exception>
    internal void Write(IMessage message)
    {
        int length = message.CalculateSize();
        if (length > _maxMessageSize)
        {
            throw new GrpcFailureException(GrpcStatus.ResourceExhausted, $"the response has {length} bytes, more than {_maxMessageSize}");
        }

        var writer = _features.GetRequiredFeature<IHttpResponseBodyFeature>().Writer;
        var span = writer.GetSpan(PrefixLength + length);
        span[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(span[1..], length);
        message.WriteTo(span.Slice(PrefixLength, length));
        writer.Advance(PrefixLength + length);
        _features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers["grpc-status"] = "0";
    }

    /// <summary>Answers with a status alone.</summary>
    internal void Fail(GrpcStatus status, string message)
    {
        if (Aborted.IsCancellationRequested || _response.HasStarted)
        {
            return;
        }

        // Without a body these headers are the trailers as well.
        _response.Headers["grpc-status"] = ((int)status).ToString(CultureInfo.InvariantCulture);
        if (message.Length > 0)
        {
            _response.Headers["grpc-message"] = GrpcMessageText.Encode(message);
        }
    }

    public void Dispose() => _deadline?.Dispose();

    // What a CancellationTokenSource can wait.
    private static TimeSpan MaxTime => TimeSpan.FromMilliseconds(int.MaxValue);

    private static T Parse<T>(MessageParser<T> parser, ReadOnlySequence<byte> bytes) where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new GrpcFailureException(GrpcStatus.Internal, "the request is not a message: " + e.Message);
        }
    }

    private int? Length(in ReadOnlySequence<byte> buffer)
    {
        if (buffer.Length < PrefixLength)
        {
            return null;
        }

        Span<byte> prefix = stackalloc byte[PrefixLength];
        buffer.Slice(0, PrefixLength).CopyTo(prefix);
        if (prefix[0] != 0)
        {
            throw new GrpcFailureException(GrpcStatus.Unimplemented, "messages must not be compressed");
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        return length <= _maxMessageSize
            ? (int)length
            : throw new GrpcFailureException(GrpcStatus.ResourceExhausted, $"the request has {length} bytes, more than {_maxMessageSize}");
    }
}
