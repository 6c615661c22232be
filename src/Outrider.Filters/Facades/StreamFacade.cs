using System.Net;

namespace Outrider.Filters;

/// <summary>
/// A stream as one filter object reaches it, and with it all that the filter is given: header maps, bodies, metadata, the
/// log. It lives as long as the filter object. When the stream ends it is severed: whoever kept any of it, on whatever
/// thread, reaches nothing any more. It is attached to another stream only together with its filter, where
/// <see cref="StreamFilter.TryReset"/> answered true.
/// </summary>
/// <remarks>
/// A base's own objects are pooled, and the one that a late task holds is the one that the next client's stream has: nothing
/// in them could tell the two apart. This can, as no other stream has it.
/// </remarks>
internal sealed class StreamFacade : StreamContext
{
    private const int AnyThread = 0;

    private StreamContext? _stream;
    private StreamContext? _lastStream;
    private int _thread;
    private int _place;
    private long _id;
    private RequestHeadersFacade? _requestHeaders;
    private ResponseHeadersFacade? _responseHeaders;
    private TrailersFacade? _requestTrailers, _responseTrailers;
    private BodyFacade? _requestBody, _responseBody;
    private MetadataFacade? _metadata;
    private LogFacade? _log;

    public override long Id => _stream is null ? throw Ended() : _id;

    public override CancellationToken Aborted
    {
        get
        {
            // Any thread: the stream may end, and the base's object begin another, while this asks it.
            var token = (_stream ?? throw Ended()).Aborted;
            return _stream is null ? throw Ended() : token;
        }
    }

    public override string Protocol => Stream.Protocol;

    public override RequestHeaders RequestHeaders => See(Stream.RequestHeaders);

    public override ResponseHeaders? ResponseHeaders => Stream.ResponseHeaders is { } headers ? See(headers) : null;

    public override string ListenerName => Stream.ListenerName;

    public override RouteInfo? Route => Stream.Route;

    public override string? ClusterName => Stream.ClusterName;

    public override string? UpstreamHost => Stream.UpstreamHost;

    public override BalancedHost? Host => Stream.Host;

    public override IPEndPoint? DownstreamRemote => Stream.DownstreamRemote;

    public override string DownstreamRemoteAddress => Stream.DownstreamRemoteAddress;

    public override string DownstreamLocalAddress => Stream.DownstreamLocalAddress;

    public override string? UpstreamLocalAddress => Stream.UpstreamLocalAddress;

    public override StreamTls? DownstreamTls => Stream.DownstreamTls;

    public override StreamTimings Timings => Stream.Timings;

    /// <summary>Any thread: it is nothing of the stream's.</summary>
    public override TimeProvider Time => _stream?.Time ?? throw Ended();

    public override long BytesReceived => Stream.BytesReceived;

    public override long BytesSent => Stream.BytesSent;

    public override int ResponseCode => Stream.ResponseCode;

    public override ResponseFlags ResponseFlags => Stream.ResponseFlags;

    public override bool IsLocalReply => Stream.IsLocalReply;

    /// <summary>Any thread.</summary>
    public override StreamLog Log => _stream is null ? throw Ended() : _log ??= new LogFacade(this);

    public override object? RouteConfiguration => Stream.RouteConfigurationAt(_place);

    public override StreamMetadata Metadata
    {
        get
        {
            // Asked for first: a base that has none says so here.
            _ = Stream.Metadata;
            return _metadata ??= new MetadataFacade(this);
        }
    }

    /// <summary>The base's, which its own spans outlive nothing of: a base never pools them.</summary>
    public override StreamSpan? Span => Stream.Span;

    public override long BodyLimit
    {
        get => Stream.BodyLimit;
        set => Stream.BodyLimit = value;
    }

    /// <summary>The base's stream, for one call into it.</summary>
    /// <exception cref="InvalidOperationException">The stream has ended, or this is not its thread.</exception>
    internal StreamContext Stream
    {
        get
        {
            Check();
            return _stream!;
        }
    }

    public override object? GetVariable(string name) => Stream.GetVariable(name);

    public override void SetVariable(string name, object? value) => Stream.SetVariable(name, value);

    public override Task<CalloutResponse> CalloutAsync(Callout callout, CancellationToken cancellationToken = default)
        => Stream.CalloutAsync(callout.Limited, cancellationToken);

    /// <summary>As with <see cref="Span"/>, what it gives belongs to this one callout, and is never pooled.</summary>
    public override CalloutStream OpenCallout(Callout callout) => Stream.OpenCallout(callout);

    /// <summary>Not severed with the stream: what it holds is this one filter's copies, which outlive it.</summary>
    public override CalloutCopies OpenCopies(Callout callout, int count) => Stream.OpenCopies(callout.Limited, count);

    public override byte[]? GetFilterState(string key) => Stream.GetFilterState(key);

    public override void SetFilterState(string key, ReadOnlySpan<byte> value) => Stream.SetFilterState(key, value);

    public override byte[]? GetTypedFilterState(string key) => Stream.GetTypedFilterState(key);

    public override void SetTypedFilterState(string key, ReadOnlySpan<byte> value) => Stream.SetTypedFilterState(key, value);

    public override void SetUpstreamHost(string address, bool strict = false) => Stream.SetUpstreamHost(address, strict);

    public override void AddFlag(string flag) => Stream.AddFlag(flag);

    public override string? GetAttribute(string name) => Stream.GetAttribute(name);

    public override long? GetAttributeNumber(string name) => Stream.GetAttributeNumber(name);

    public override bool? GetAttributeFlag(string name) => Stream.GetAttributeFlag(name);

    /// <summary>A stream begins, on the thread that it will live on.</summary>
    /// <param name="stream">The base's.</param>
    /// <param name="place">The filter's place among the base's filters.</param>
    internal void Attach(StreamContext stream, int place)
    {
        _thread = ThreadMark.Current;
        _place = place;
        _id = stream.Id;
        _stream = _lastStream = stream;
    }

    /// <summary>The stream has no thread of its own any more, but its filter is not done: what the filter can still reach it reaches from wherever it is.</summary>
    internal void LeaveThread() => _thread = AnyThread;

    /// <summary>The stream has ended, and the filter with it.</summary>
    internal void Sever() => _stream = null;

    internal RequestHeaders See(RequestHeaders headers)
        => _requestHeaders is { } known && known.Inner == headers ? known : _requestHeaders = new RequestHeadersFacade(this, headers);

    internal ResponseHeaders See(ResponseHeaders headers)
        => _responseHeaders is { } known && known.Inner == headers ? known : _responseHeaders = new ResponseHeadersFacade(this, headers);

    internal HeaderMap SeeTrailers(HeaderMap trailers, bool response)
    {
        ref var facade = ref (response ? ref _responseTrailers : ref _requestTrailers);
        return facade is { } known && known.Inner == trailers ? known : facade = new TrailersFacade(this, trailers);
    }

    internal BodyBuffer SeeBody(BodyBuffer body, bool response)
    {
        // Pieces take turns in a base's buffers, and a filter has one of a direction at a time.
        var facade = (response ? ref _responseBody : ref _requestBody) ??= new BodyFacade(this);
        facade.Inner = body;
        return facade;
    }

    /// <summary>May the stream be touched from here, now?</summary>
    /// <exception cref="InvalidOperationException">The stream has ended, or this is not its thread.</exception>
    internal void Check()
    {
        if (_stream is null)
        {
            throw Ended();
        }

        if (_thread != AnyThread && _thread != ThreadMark.Current)
        {
            throw new InvalidOperationException("a stream is only to be touched on its own thread; an await comes back to it unless it says ConfigureAwait(false)");
        }
    }

    /// <summary>May the head of the request be changed?</summary>
    /// <exception cref="InvalidOperationException">As for <see cref="Check"/>; or the head has gone on, and nobody would see the change.</exception>
    internal void CheckRequestHead()
    {
        if (Stream.IsRequestHeadGone)
        {
            throw new InvalidOperationException("the request's head has gone on to the upstream: it cannot be changed any more");
        }
    }

    /// <summary>May the head of the response be changed?</summary>
    /// <exception cref="InvalidOperationException">As for <see cref="CheckRequestHead"/>.</exception>
    internal void CheckResponseHead()
    {
        if (Stream.IsResponseHeadGone)
        {
            throw new InvalidOperationException("the response's head has gone on to the client: it cannot be changed any more (EncodeHeadersAsync, or EncodeResponseAsync, is where to)");
        }
    }

    internal override bool IsLogged(StreamLogLevel level) => _lastStream!.IsLogged(level);

    internal void WriteLog(StreamLogLevel level, string message) => _lastStream!.WriteLog(_id, level, message);

    private static InvalidOperationException Ended()
        => new("the stream has ended; nothing of it can be reached any more (give Stream.Aborted to what you await, and await it)");
}
