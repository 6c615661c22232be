using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Net.Transports;

namespace Outrider.Http.Streams;

/// <summary>
/// One request and its response as the client's side sees them. A codec calls the <c>On…</c> methods, in this order, on
/// the stream's loop; the proxy derives from it. Streams are pooled: a codec's connection lets go in
/// <see cref="IServerConnection.EndStream"/>.
/// </summary>
public abstract class ServerStream
{
    private HeaderBlock? _trailers;
    private object? _codecState;

    /// <summary>The request's head; complete from <see cref="OnRequestHead"/> on.</summary>
    public RequestHead Request { get; } = new();

    /// <summary>The request's trailers; complete in <see cref="OnRequestTrailers"/>.</summary>
    public HeaderBlock RequestTrailers => _trailers ??= new();

    /// <summary>The client's side, until the stream has let go of it. Set while the stream is in use.</summary>
    public IServerConnection Connection { get; private set; } = null!;

    /// <summary>The client's connection, which this stream may share with others. What it knows of the client stays good after the stream's end.</summary>
    public Transport Transport { get; private set; } = null!;

    /// <summary>Did the client ask with HEAD, whatever filters have made of its request since?</summary>
    public bool AnswersHead { get; internal set; }

    // A codec's state that lives as long as a stream does, so that a connection at rest does not pay for it.
    internal T CodecState<T>() where T : class, new() => _codecState as T ?? NewCodecState<T>();

    private T NewCodecState<T>() where T : class, new()
    {
        var state = new T();
        _codecState = state;
        return state;
    }

    internal void Attach(IServerConnection connection, Transport transport)
    {
        Connection = connection;
        Transport = transport;
        AnswersHead = false;
    }

    /// <summary>The first byte of a request has come.</summary>
    protected internal abstract void OnBegin();

    /// <summary>The request's head is there. With <paramref name="endStream"/> it is the whole request.</summary>
    protected internal abstract void OnRequestHead(bool endStream);

    /// <summary>A piece of the request's body, lent for the length of the call. May be empty with <paramref name="endStream"/>.</summary>
    protected internal abstract void OnRequestData(ReadOnlySpan<byte> data, bool endStream);

    /// <summary>The trailers came, and the request is complete.</summary>
    protected internal abstract void OnRequestTrailers();

    /// <summary>The request will not be completed, or its client is gone. Nothing more can be sent, except where <paramref name="error"/> is given and no response has begun: then that is to be answered.</summary>
    protected internal abstract void OnRequestReset(ResetReason reason, ProtocolError? error);

    /// <summary>The client takes no more for now.</summary>
    protected internal abstract void OnResponseBlocked();

    /// <summary>The client has taken everything.</summary>
    protected internal abstract void OnResponseWritten();
}
