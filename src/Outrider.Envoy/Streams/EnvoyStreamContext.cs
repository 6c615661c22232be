using System.Text;
using Outrider.Envoy.Callbacks;
using Outrider.Envoy.Metadata;
using Outrider.Envoy.Tracing;
using Outrider.Filters;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Streams;

/// <summary>What a filter sees of its stream. Lives, and is used again, with it.</summary>
internal sealed class EnvoyStreamContext(EnvoyStream stream) : StreamContext
{
    private readonly EnvoyStreamMetadata _metadata = new(stream.Link);
    private EnvoyStreamLog? _log;
    private Dictionary<string, object>? _variables;
    private StreamSpans? _spans;

    public override long Id => stream.Link.Id;

    public override CancellationToken Aborted => stream.Link.Aborted;

    public override string Protocol => Text(AttributeId.RequestProtocol) ?? "";

    public override RequestHeaders RequestHeaders => stream.RequestSide.Headers;

    public override ResponseHeaders? ResponseHeaders => stream.Replies.Head is { } own ? own : stream.ResponseSide.Headers is { IsThere: true } headers ? headers : null;

    public override string ListenerName => Text(AttributeId.XdsFilterChainName) ?? "";

    public override RouteInfo? Route => Text(AttributeId.XdsRouteName) is { } name ? new RouteInfo(name, Text(AttributeId.XdsVirtualHostName) ?? "", "") { ClusterName = Text(AttributeId.XdsClusterName) } : null;

    public override string? ClusterName => Text(AttributeId.XdsClusterName);

    public override string? UpstreamHost => Text(AttributeId.UpstreamAddress);

    public override string DownstreamRemoteAddress => Text(AttributeId.SourceAddress) ?? "";

    public override string DownstreamLocalAddress => Text(AttributeId.DestinationAddress) ?? "";

    public override string? UpstreamLocalAddress => Text(AttributeId.UpstreamLocalAddress);

    public override StreamTimings Timings
    {
        get
        {
            var timing = StreamInfoCallbacks.Timing(stream.Link.Pointer);
            return new()
            {
                StartTime = DateTime.UnixEpoch + Span(timing[TimePoint.Start]),
                RequestReceived = Span(timing[TimePoint.FirstUpstreamByteSent]),
                ResponseReceived = Span(timing[TimePoint.FirstUpstreamByteReceived]),
                RequestFinished = Span(timing[TimePoint.LastDownstreamByteSent]),
            };

            static TimeSpan Span(long? nanoseconds) => TimeSpan.FromTicks((nanoseconds ?? 0) / TimeSpan.NanosecondsPerTick);
        }
    }

    public override long BytesReceived => Number(AttributeId.RequestSize);

    public override long BytesSent => Number(AttributeId.ResponseSize);

    public override int ResponseCode => (int)Number(AttributeId.ResponseCode);

    public override ResponseFlags ResponseFlags => EnvoyResponseFlags.ToFlags((ulong)Number(AttributeId.ResponseFlags)) | stream.Replies.Flags;

    public override bool IsLocalReply => stream.Replies.IsLocal;

    public override StreamLog Log => _log ??= new EnvoyStreamLog(stream.Link);

    /// <summary>Does a filter have this context at the moment?</summary>
    internal bool IsAttached { get; private set; }

    public override object? GetVariable(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _variables is not null && _variables.TryGetValue(name, out var value) ? value : null;
    }

    public override void SetVariable(string name, object? value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (value is null)
        {
            _ = _variables?.Remove(name);
        }
        else
        {
            (_variables ??= new(StringComparer.Ordinal))[name] = value;
        }
    }

    public override StreamMetadata Metadata => _metadata;

    public override byte[]? GetFilterState(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return FilterStateCallbacks.TryGet(stream.Link.Pointer, Encoding.UTF8.GetBytes(key), out var value) ? value.ToArray() : null;
    }

    public override void SetFilterState(string key, ReadOnlySpan<byte> value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        byte[] name = Encoding.UTF8.GetBytes(key);
        // Envoy keeps it read-only, and takes a second attempt for a bug of its own.
        if (FilterStateCallbacks.TryGet(stream.Link.Pointer, name, out _) || !FilterStateCallbacks.Set(stream.Link.Pointer, name, value))
        {
            throw new InvalidOperationException($"the filter state '{key}' is set already");
        }
    }

    public override byte[]? GetTypedFilterState(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return FilterStateCallbacks.TryGetTyped(stream.Link.Pointer, Encoding.UTF8.GetBytes(key), out var value) ? value.ToArray() : null;
    }

    public override void SetTypedFilterState(string key, ReadOnlySpan<byte> value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        byte[] name = Encoding.UTF8.GetBytes(key);
        if (FilterStateCallbacks.TryGetTyped(stream.Link.Pointer, name, out _))
        {
            throw new InvalidOperationException($"the filter state '{key}' is set already");
        }

        if (!FilterStateCallbacks.SetTyped(stream.Link.Pointer, name, value))
        {
            throw new InvalidOperationException($"this Envoy knows no object '{key}', or cannot read it from these bytes");
        }
    }

    public override void SetUpstreamHost(string address, bool strict = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(address);
        if (!StreamInfoCallbacks.WantHost(stream.Link.Pointer, Encoding.UTF8.GetBytes(address), strict))
        {
            throw new ArgumentException($"'{address}' is no IP address with a port", nameof(address));
        }
    }

    public override void AddFlag(string flag)
    {
        ArgumentException.ThrowIfNullOrEmpty(flag);
        if (flag.AsSpan().IndexOfAnyInRange('\0', ' ') >= 0 || flag.Contains(',', StringComparison.Ordinal))
        {
            throw new ArgumentException("a flag has no white space and no comma", nameof(flag));
        }

        StreamInfoCallbacks.AddFlag(stream.Link.Pointer, Encoding.UTF8.GetBytes(flag));
    }

    public override long BodyLimit
    {
        get => BodyCallbacks.Limit(stream.Link.Pointer) is > 0 and < long.MaxValue and var limit ? (long)limit : long.MaxValue;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            // Envoy counts in 32 bits where it compares, and takes 0 for no limit.
            BodyCallbacks.SetLimit(stream.Link.Pointer, value > uint.MaxValue ? 0 : (ulong)value);
        }
    }

    public override StreamSpan? Span => _spans?.Own ?? (SpanCallbacks.Active(stream.Link.Pointer) is not 0 and var span ? (_spans ??= new(stream.Link)).Begin(span) : null);

    public override string? GetAttribute(string name) => Text(AttributeNames.Find(name));

    public override long? GetAttributeNumber(string name) => AttributeCallbacks.TryGetNumber(stream.Link.Pointer, AttributeNames.Find(name), out ulong number) ? (long)number : null;

    public override bool? GetAttributeFlag(string name) => AttributeCallbacks.TryGetFlag(stream.Link.Pointer, AttributeNames.Find(name), out bool flag) ? flag : null;

    public override object? RouteConfiguration
        => StreamCallbacks.RouteConfiguration(stream.Link.Pointer) is not 0 and var handle ? Configuration.RouteConfiguration.FromHandle(handle).ValueFor(stream.Configuration.Version) : null;

    public override Task<CalloutResponse> CalloutAsync(Callout callout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(callout);
        return stream.Callouts.StartAsync(callout, cancellationToken);
    }

    public override CalloutStream OpenCallout(Callout callout)
    {
        ArgumentNullException.ThrowIfNull(callout);
        return stream.Callouts.Open(callout);
    }

    internal override bool IsRequestHeadGone => stream.Request.IsHeadGone;

    internal override bool IsResponseHeadGone => stream.Response.IsHeadGone || stream.Replies.IsHeadGone;

    internal override bool IsLogged(StreamLogLevel level) => EnvoyStreamLog.IsLogged(level);

    internal override void WriteLog(long id, StreamLogLevel level, string message) => EnvoyStreamLog.Write(stream.Link.FilterName, id, level, message);

    internal void Attach(StreamFilter filter)
    {
        filter.Attach(this);
        IsAttached = true;
    }

    internal void Detach(StreamFilter filter)
    {
        filter.Attach(null);
        IsAttached = false;
    }

    /// <summary>Does the filter have objects that must not come to belong to another stream?</summary>
    internal bool HasSpans => _spans is not null;

    /// <summary>The stream ends: so do the spans that its filter has begun and not ended.</summary>
    internal void EndSpans() => _spans?.End();

    internal void Reset() => _variables?.Clear();

    private string? Text(AttributeId attribute) => AttributeCallbacks.TryGetText(stream.Link.Pointer, attribute, out var text) ? Encoding.UTF8.GetString(text) : null;

    private long Number(AttributeId attribute) => AttributeCallbacks.TryGetNumber(stream.Link.Pointer, attribute, out ulong number) ? (long)number : 0;
}
