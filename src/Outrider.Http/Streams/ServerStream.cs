using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Net.Transports;

namespace Outrider.Http.Streams;

/// <summary>
/// One request and its response as the client's side sees them. A codec calls the <c>On…</c> methods, in this order, on
/// the stream's loop; the proxy derives from it. Streams are pooled: a codec's connection lets go in
/// <see cref="IDownstream.EndStream"/>.
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
    public IDownstream Connection { get; private set; } = null!;

    /// <summary>The client's connection, which this stream may share with others. What it knows of the client stays good after the stream's end.</summary>
    public Transport Transport { get; private set; } = null!;

    /// <summary>Did the client ask with HEAD, whatever filters have made of its request since? Set by the codec, before <see cref="OnRequestHead"/>.</summary>
    public bool AnswersHead { get; set; }

    /// <summary>A codec's state that lives as long as a stream does, so that a connection at rest does not pay for it. For the codec alone.</summary>
    /// <typeparam name="T">What the codec keeps.</typeparam>
    public T CodecState<T>() where T : class, new() => _codecState as T ?? NewCodecState<T>();

    private T NewCodecState<T>() where T : class, new()
    {
        var state = new T();
        _codecState = state;
        return state;
    }

    /// <summary>A codec takes a stream into use that it was given (<see cref="IServerHandler.RentStream"/>). Before the first <c>On…</c>.</summary>
    /// <param name="connection">What the stream says to its client goes through here: an object of the stream's own where a connection has several.</param>
    /// <param name="transport">The client's connection.</param>
    public void Attach(IDownstream connection, Transport transport)
    {
        Connection = connection;
        Transport = transport;
        AnswersHead = false;
    }

    /// <summary>The first byte of a request has come.</summary>
    public abstract void OnBegin();

    /// <summary>The request's head is there. With <paramref name="endStream"/> it is the whole request.</summary>
    public abstract void OnRequestHead(bool endStream);

    /// <summary>A piece of the request's body, lent for the length of the call. May be empty with <paramref name="endStream"/>.</summary>
    public abstract void OnRequestData(ReadOnlySpan<byte> data, bool endStream);

    /// <summary>The trailers came, and the request is complete.</summary>
    public abstract void OnRequestTrailers();

    /// <summary>The request will not be completed, or its client is gone. Nothing more can be sent, except where <paramref name="error"/> is given and no response has begun: then that is to be answered.</summary>
    public abstract void OnRequestReset(ResetReason reason, ProtocolError? error);

    /// <summary>The client takes no more for now.</summary>
    public abstract void OnResponseBlocked();

    /// <summary>The client has taken everything.</summary>
    public abstract void OnResponseWritten();
}
