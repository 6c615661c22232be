using System.Buffers.Binary;
using System.Globalization;

namespace Outrider.Filters;

/// <summary>
/// A unary call of gRPC that a filter makes to one of the base's clusters (grpc/grpc, doc/PROTOCOL-HTTP2.md): one serialized message there, one back. Our own
/// engine speaks HTTP/2 to the cluster for it, whatever the listener says of upstreams; in Envoy the cluster's own settings have to; nginx's callouts are HTTP/1.1 alone.
/// </summary>
/// <param name="cluster">Name of the cluster; the call goes to one of its hosts.</param>
/// <param name="method">The method's path: <c>/package.Service/Method</c>.</param>
/// <param name="message">The message, serialized.</param>
public sealed class GrpcCallout(string cluster, string method, ReadOnlyMemory<byte> message)
{
    // A flag and the length before each message.
    private const int PrefixLength = 5;

    // What gRPC's own clients take at most, unless they are told otherwise.
    private const int MaxAnswer = 4 << 20;

    // Eight digits at most may stand before the unit.
    private const long MaxTimeout = 99_999_999;

    private readonly List<KeyValuePair<string, string>> _metadata = [];

    /// <summary>What goes out as the authority. Default, and empty: the cluster's name.</summary>
    public string Authority { get; init; } = "";

    /// <summary>How long the whole call may take, which the service is told too. Default 5 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Adds a field of the call's metadata. Returns the call itself.</summary>
    /// <exception cref="ArgumentException">As for <see cref="Callout.With"/>.</exception>
    public GrpcCallout With(string name, string value)
    {
        HeaderSyntax.ThrowIfInvalid(name, value);
        _metadata.Add(new(name, value));
        return this;
    }

    /// <summary>Makes the call. On the stream's loop thread; its end cancels it.</summary>
    /// <param name="stream">Who asks.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CalloutException">There was no answer of gRPC: no cluster, no host, no connection, too long a wait, a server that does not speak it, a message over 4 MiB.</exception>
    /// <exception cref="OperationCanceledException">The stream ended, or the token was cancelled.</exception>
    /// <exception cref="NotSupportedException">This base makes no callouts.</exception>
    public async Task<GrpcAnswer> SendAsync(StreamContext stream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var call = stream.OpenCallout(Request());
        await call.CompleteAsync();
        var head = await call.GetResponseAsync(cancellationToken);
        var body = new MemoryStream();
        await foreach (var piece in call.ReadAllAsync(cancellationToken))
        {
            if (body.Length + piece.Length > MaxAnswer + PrefixLength)
            {
                throw Failure($"the answer has more than {MaxAnswer} bytes");
            }

            body.Write(piece.Span);
        }

        // Without a message the status may stand in the head.
        string? status = ValueOf(call.Trailers, "grpc-status") ?? head.GetHeader("grpc-status");
        if (!int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out int code))
        {
            throw Failure($"the answer has the HTTP status {head.Status} and none of gRPC");
        }

        string text = Uri.UnescapeDataString(ValueOf(call.Trailers, "grpc-message") ?? head.GetHeader("grpc-message") ?? "");
        return new GrpcAnswer(code, text, code == 0 ? MessageIn(body.GetBuffer().AsMemory(0, (int)body.Length)) : default);
    }

    private static string? ValueOf(IReadOnlyList<KeyValuePair<string, string>> fields, string name)
    {
        foreach (var (key, value) in fields)
        {
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return null;
    }

    private Callout Request()
    {
        byte[] framed = new byte[PrefixLength + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
        message.CopyTo(framed.AsMemory(PrefixLength));
        long milliseconds = (long)Math.Clamp(Math.Ceiling(Timeout.TotalMilliseconds), 1, MaxTimeout);
        var request = new Callout(cluster, "POST", method) { Authority = Authority.Length > 0 ? Authority : cluster, Timeout = Timeout, Body = framed, RequiresHttp2 = true }
            .With("content-type", "application/grpc")
            .With("te", "trailers")
            .With("grpc-timeout", string.Create(CultureInfo.InvariantCulture, $"{milliseconds}m"));
        foreach (var (name, value) in _metadata)
        {
            _ = request.With(name, value);
        }

        return request;
    }

    private ReadOnlyMemory<byte> MessageIn(ReadOnlyMemory<byte> body)
        => body.Length >= PrefixLength && body.Span[0] == 0 && BinaryPrimitives.ReadUInt32BigEndian(body.Span[1..]) == body.Length - PrefixLength
            ? body[PrefixLength..]
            : throw Failure("the answer is not one message, uncompressed");

    private CalloutException Failure(string reason) => new($"cluster '{cluster}', {method}: {reason}");
}
