namespace Outrider.Filters;

/// <summary>
/// One extension on one stream (one request and its response). The chain calls its methods in the order of this file;
/// every one has a default that lets the stream pass, so the smallest filter is a single method.
/// </summary>
/// <remarks>
/// <para>All methods are called on the stream's own loop thread, never two at a time. A method whose <c>ValueTask</c> has
/// completed continues inline and costs nothing; one that has not suspends this stream alone, frees the loop for others,
/// and resumes it on the same thread. An <c>await</c> inside a filter comes back to that thread by itself.</para>
/// <para>An exception fails this stream with a 500 (or closes it, when the response has begun) and is logged with the
/// filter's name; the process and all other streams go on.</para>
/// <para>Phases and their order are those of MOSN (<c>pkg/proxy/downstream.go</c>, <c>pkg/streamfilter/chain.go</c>).</para>
/// </remarks>
public abstract class StreamFilter
{
    private StreamContext? _stream;
    private StreamFacade? _facade;

    /// <summary>The stream that this filter serves: its route, host, addresses, variables and log.</summary>
    /// <exception cref="InvalidOperationException">Read in the constructor, or after <see cref="OnDestroy"/>.</exception>
    protected StreamContext Stream => _stream ?? throw new InvalidOperationException(
        $"{GetType().Name}: the stream is there from the first call to a filter until OnDestroy has returned, not before or after");

    /// <summary>
    /// The request's headers have arrived. <paramref name="endStream"/> is true when neither body nor trailers follow.
    /// Answer <see cref="FilterAction.WaitAllData"/> to get the whole request in <see cref="DecodeRequestAsync"/> instead
    /// of its body piece by piece.
    /// </summary>
    public virtual ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream) => FilterAction.Continue;

    /// <summary>
    /// A piece of the request's body. What <paramref name="data"/> holds when this completes goes to the next filter and
    /// on to the upstream. A filter that changes the length removes <c>content-length</c> in
    /// <see cref="DecodeHeadersAsync"/>, otherwise the stream fails.
    /// </summary>
    public virtual ValueTask<FilterAction> DecodeDataAsync(BodyBuffer data, bool endStream) => FilterAction.Continue;

    /// <summary>The request's trailers have arrived, after all of its body.</summary>
    public virtual ValueTask<FilterAction> DecodeTrailersAsync(HeaderMap trailers) => FilterAction.Continue;

    /// <summary>
    /// As <see cref="DecodeTrailersAsync(HeaderMap)"/>, which this calls by default, for a filter that has kept some of the body:
    /// the last piece came without word that it was the last.
    /// </summary>
    /// <param name="trailers">The trailers.</param>
    /// <param name="body">Empty. What it holds when this completes follows the body that has passed, before the trailers.</param>
    public virtual ValueTask<FilterAction> DecodeTrailersAsync(HeaderMap trailers, BodyBuffer body) => DecodeTrailersAsync(trailers);

    /// <summary>
    /// The whole request, after <see cref="DecodeHeadersAsync"/> answered <see cref="FilterAction.WaitAllData"/>. Both
    /// headers and body may be changed; <c>content-length</c> follows the body by itself. A body over the listener's
    /// <c>max_buffered_body_size</c> is answered with 413 and never gets here.
    /// </summary>
    public virtual ValueTask<FilterAction> DecodeRequestAsync(RequestHeaders headers, BodyBuffer body, HeaderMap? trailers) => FilterAction.Continue;

    /// <summary>
    /// The response's headers, from the upstream or from a reply that the proxy or a filter made
    /// (<see cref="StreamContext.IsLocalReply"/> tells). <see cref="FilterAction.WaitAllData"/> is answered as for requests.
    /// </summary>
    public virtual ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream) => FilterAction.Continue;

    /// <summary>A piece of the response's body; as <see cref="DecodeDataAsync"/>.</summary>
    public virtual ValueTask<FilterAction> EncodeDataAsync(BodyBuffer data, bool endStream) => FilterAction.Continue;

    /// <summary>The response's trailers, after all of its body.</summary>
    public virtual ValueTask<FilterAction> EncodeTrailersAsync(HeaderMap trailers) => FilterAction.Continue;

    /// <summary>As <see cref="EncodeTrailersAsync(HeaderMap)"/>; <paramref name="body"/> as in <see cref="DecodeTrailersAsync(HeaderMap, BodyBuffer)"/>.</summary>
    public virtual ValueTask<FilterAction> EncodeTrailersAsync(HeaderMap trailers, BodyBuffer body) => EncodeTrailersAsync(trailers);

    /// <summary>The whole response; as <see cref="DecodeRequestAsync"/>. A body over the limit becomes a 502.</summary>
    public virtual ValueTask<FilterAction> EncodeResponseAsync(ResponseHeaders headers, BodyBuffer body, HeaderMap? trailers) => FilterAction.Continue;

    /// <summary>
    /// An answer is about to be made here and not by the upstream: by the base (a fault, a limit, a missing route) or by any
    /// filter. Runs before the answer's own headers reach <see cref="EncodeHeadersAsync"/>.
    /// </summary>
    /// <param name="status">The answer's status.</param>
    /// <param name="details">A short word on why, or empty.</param>
    /// <returns>True to let it be sent; false to end the stream without an answer.</returns>
    public virtual bool OnLocalReply(int status, string details) => true;

    /// <summary>The client takes the response more slowly than it comes: a filter that makes data of its own should pause.</summary>
    public virtual void OnResponseBlocked()
    {
    }

    /// <summary>The client has caught up, after <see cref="OnResponseBlocked"/>.</summary>
    public virtual void OnResponseUnblocked()
    {
    }

    /// <summary>The exchange is over and all of <see cref="Stream"/> is final: write what is to be recorded. Runs once, before <see cref="OnDestroy"/>.</summary>
    public virtual void OnLog()
    {
    }

    /// <summary>The end of this filter's life: release what it holds. Runs exactly once, however the stream ended.</summary>
    public virtual void OnDestroy()
    {
    }

    /// <summary>
    /// After <see cref="OnDestroy"/>: may this object serve another stream of the same listener? A filter that answers
    /// true has put its fields back as its constructor leaves them, and has kept nothing of the stream: no header map, no body,
    /// no task that nobody awaited. What it still held would be the next client's. Then a stream costs no allocation.
    /// Default: false, every stream has a fresh filter, and whatever was kept of it throws
    /// <see cref="InvalidOperationException"/>.
    /// </summary>
    public virtual bool TryReset() => false;

    /// <summary>Ends the request here with an answer of the filter's own; see <see cref="FilterAction.Reply(int, string?)"/>.</summary>
    protected static FilterAction Reply(int status, string? body = null) => FilterAction.Reply(status, body);

    /// <summary>Ends the request here with an answer of the filter's own, with headers of its own.</summary>
    protected static FilterAction Reply(LocalReply reply) => FilterAction.Reply(reply);

    /// <summary>Ends the request here with an answer that is written piece by piece.</summary>
    protected static FilterAction Reply(StreamedReply reply) => FilterAction.Reply(reply);

    /// <summary>Is this a filter of the base's own, which keeps nothing and is given the base's objects as they are?</summary>
    internal virtual bool IsOfBase => false;

    /// <summary>What the filter reaches of its stream; null where it <see cref="IsOfBase"/>, and before its first stream.</summary>
    internal StreamFacade? Facade => _facade;

    /// <summary>Called by the base when the stream begins (a context) and after it ended (null).</summary>
    /// <param name="stream">The base's context.</param>
    /// <param name="place">The filter's place among the base's filters.</param>
    internal void Attach(StreamContext? stream, int place = 0)
    {
        if (stream is null)
        {
            _facade?.Sever();
        }
        else if (_facade is not null || !IsOfBase)
        {
            (_facade ??= new StreamFacade()).Attach(stream, place);
            stream = _facade;
        }

        _stream = stream;
    }

    /// <summary>What the filter is given in the place of a base's object.</summary>
    internal RequestHeaders See(RequestHeaders headers) => _facade is { } facade ? facade.See(headers) : headers;

    /// <inheritdoc cref="See(RequestHeaders)"/>
    internal ResponseHeaders See(ResponseHeaders headers) => _facade is { } facade ? facade.See(headers) : headers;

    /// <inheritdoc cref="See(RequestHeaders)"/>
    internal HeaderMap? SeeTrailers(HeaderMap? trailers, bool response)
        => trailers is not null && _facade is { } facade ? facade.SeeTrailers(trailers, response) : trailers;

    /// <inheritdoc cref="See(RequestHeaders)"/>
    internal BodyBuffer SeeBody(BodyBuffer body, bool response) => _facade is { } facade ? facade.SeeBody(body, response) : body;
}
