using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Google.Protobuf;
using Outrider.Plugins.Protocol;

namespace Outrider.Plugins.Processes;

/// <summary>
/// gRPC calls to one address over one HTTP/2 connection (grpc/grpc, doc/PROTOCOL-HTTP2.md). The connection is made by the first
/// call, and again by the next one when it broke. Any thread.
/// </summary>
internal sealed class GrpcChannel : IDisposable
{
    // Nobody looks it up: the connection goes where the end point says.
    private const string Origin = "http://plugin";

    private static readonly MediaTypeHeaderValue s_contentType = new("application/grpc");

    private readonly HttpMessageInvoker _invoker;

    internal GrpcChannel(EndPoint endPoint)
    {
        EndPoint = endPoint;
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            ConnectCallback = (_, cancellationToken) => ConnectAsync(endPoint, cancellationToken),
        });
    }

    internal EndPoint EndPoint { get; }

    /// <summary>One message there, one back.</summary>
    /// <param name="method">The path of the method.</param>
    /// <param name="request">What is asked.</param>
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
        using var message = Message(method, request, maxMessageSize);
        _ = message.Headers.TryAddWithoutValidation("grpc-timeout", GrpcTimeout.Format(timeout));
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        try
        {
            using var response = await SendAsync(message, deadline.Token).ConfigureAwait(false);
            var stream = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                var reader = new GrpcMessageReader(stream, maxMessageSize);
                byte[]? bytes = await reader.ReadAsync(deadline.Token).ConfigureAwait(false);
                bool more = bytes is not null && await reader.ReadAsync(deadline.Token).ConfigureAwait(false) is not null;
                // The status stands behind the messages, and decides over them.
                ThrowIfFailed(response);
                return bytes is null || more
                    ? throw new GrpcCallException(GrpcStatus.Internal, $"{(more ? "more than one message" : "no message")} in the answer")
                    : Parse(parser, bytes);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && deadline.IsCancellationRequested)
        {
            throw new GrpcCallException(GrpcStatus.DeadlineExceeded, $"no answer within {timeout.TotalMilliseconds:0} ms");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or ObjectDisposedException)
        {
            throw new GrpcCallException(GrpcStatus.Unavailable, "the connection failed: " + Innermost(e), e)
            {
                IsUnsent = e is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError },
            };
        }
    }

    /// <summary>One message there, any number back, each handed to <paramref name="take"/>; returns at the end of the call, however it ended.</summary>
    internal async Task StreamAsync<T>(string method, IMessage request, MessageParser<T> parser, int maxMessageSize, Action<T> take, CancellationToken cancellationToken)
        where T : IMessage<T>
    {
        try
        {
            using var message = Message(method, request, maxMessageSize);
            using var response = await SendAsync(message, cancellationToken).ConfigureAwait(false);
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                var reader = new GrpcMessageReader(stream, maxMessageSize);
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false) is { } bytes)
                {
                    take(Parse(parser, bytes));
                }
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or ObjectDisposedException or OperationCanceledException or GrpcCallException)
        {
            // Most plugins offer no such method, and all streams end with their process.
        }
    }

    public void Dispose() => _invoker.Dispose();

    private static HttpRequestMessage Message(string method, IMessage request, int maxMessageSize)
    {
        int length = request.CalculateSize();
        if (length > maxMessageSize)
        {
            throw new GrpcCallException(GrpcStatus.ResourceExhausted, $"the request has {length} bytes, more than {maxMessageSize}");
        }

        // Not from a pool: a call that was given up may still be sending.
        byte[] bytes = new byte[GrpcMessageReader.PrefixLength + length];
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), length);
        request.WriteTo(bytes.AsSpan(GrpcMessageReader.PrefixLength));
        var message = new HttpRequestMessage(HttpMethod.Post, Origin + method)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(bytes) { Headers = { ContentType = s_contentType } },
        };
        _ = message.Headers.TryAddWithoutValidation("te", "trailers");
        return message;
    }

    private async ValueTask<HttpResponseMessage> SendAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        var response = await _invoker.SendAsync(message, cancellationToken).ConfigureAwait(false);
        try
        {
            if (response.StatusCode != HttpStatusCode.OK
                || response.Content.Headers.ContentType?.MediaType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) is not true)
            {
                throw new GrpcCallException(
                    response.StatusCode == HttpStatusCode.NotFound ? GrpcStatus.Unimplemented : GrpcStatus.Unknown,
                    $"the answer is not gRPC: status {(int)response.StatusCode}, content-type {response.Content.Headers.ContentType}");
            }

            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private static void ThrowIfFailed(HttpResponseMessage response)
    {
        // An answer that is nothing but a status has it in its only headers.
        string? text = First(response.TrailingHeaders, "grpc-status") ?? First(response.Headers, "grpc-status");
        if (text == "0")
        {
            return;
        }

        string message = First(response.TrailingHeaders, "grpc-message") ?? First(response.Headers, "grpc-message") ?? "";
        throw int.TryParse(text, out int status)
            ? new GrpcCallException((GrpcStatus)status, $"{(GrpcStatus)status}: {GrpcMessageText.Decode(message)}")
            : new GrpcCallException(GrpcStatus.Internal, "the answer has no grpc-status");
    }

    private static string? First(HttpHeaders headers, string name) => headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static T Parse<T>(MessageParser<T> parser, byte[] bytes) where T : IMessage<T>
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

    private static string Innermost(Exception e)
    {
        while (e.InnerException is not null)
        {
            e = e.InnerException;
        }

        return e.Message;
    }

    private static async ValueTask<Stream> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = endPoint is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
