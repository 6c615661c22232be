using System.Net;
using System.Text;
using Outrider.Filters;
using Outrider.Proxy.FilterChains;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Logging.AccessLog;
using Outrider.Proxy.Streams.Callouts;
using Outrider.Proxy.Streams.Destinations;
using Outrider.Proxy.Streams.Exchanges;
using Outrider.Proxy.Streams.Paths;
using Outrider.Proxy.Streams.Records;
using Outrider.Proxy.Streams.Replies;

namespace Outrider.Proxy.Streams.Contexts;

/// <summary>What filters see of a stream. Lives, and is used again, with it.</summary>
internal sealed class ProxyStreamContext : StreamContext, IControlledStream
{
    private readonly StreamRecord _record;
    private readonly RequestDestination _destination;
    private readonly UpstreamExchange _exchange;
    private readonly StreamCallouts _callouts;
    private readonly ProxyStreamLog _log;
    private readonly StreamVariables _variables;
    private readonly StreamAttributes _attributes;
    private readonly StreamControl _control;

    /// <param name="record">The stream's, as all that follow.</param>
    /// <param name="filters">Whose routes have configurations of their own for them.</param>
    /// <param name="destination">Takes the wish for a host.</param>
    /// <param name="exchange">Knows the upstream.</param>
    /// <param name="request">The request's way.</param>
    /// <param name="response">The response's way.</param>
    /// <param name="replies">Makes answers.</param>
    /// <param name="callouts">Makes requests.</param>
    /// <param name="kept">Takes what is to be disposed of at the end.</param>
    /// <param name="owner">Ends the stream.</param>
    internal ProxyStreamContext(
        StreamRecord record, FilterChain filters, RequestDestination destination, UpstreamExchange exchange, RequestPath request, ResponsePath response, FilterReplies replies,
        StreamCallouts callouts, KeptResources kept, IPathOwner owner)
    {
        _record = record;
        _destination = destination;
        _exchange = exchange;
        _callouts = callouts;
        _log = new ProxyStreamLog(record);
        _variables = new StreamVariables(record);
        LogSource = new StreamLogSource(record, exchange, _variables);
        _attributes = new StreamAttributes(this, record, exchange, LogSource);
        _control = new StreamControl(record, filters, destination, exchange, request, response, replies, callouts, kept, owner);
    }

    /// <summary>What access logs see of it.</summary>
    internal StreamLogSource LogSource { get; }

    /// <inheritdoc/>
    public IStreamControl Control => _control;

    public override long Id => _record.Id;

    public override CancellationToken Aborted => _record.EarlyEnd.Token;

    public override string Protocol => _record.Request.IsHttp2 ? "HTTP/2" : _record.Request.MinorVersion == 0 ? "HTTP/1.0" : "HTTP/1.1";

    public override RequestHeaders RequestHeaders => _record.RequestHeaders;

    public override ResponseHeaders? ResponseHeaders => _record.HasResponse ? _record.ResponseHeaders : null;

    public override string ListenerName => _record.Snapshot.Configuration.Name;

    public override RouteInfo? Route => _record.Route?.Info;

    public override string? ClusterName => _exchange.Cluster?.Name;

    public override string? UpstreamHost => _exchange.Host?.Address;

    public override BalancedHost? Host => _exchange.Host;

    public override IPEndPoint? DownstreamRemote => _record.Addresses.Remote is { IsKnown: true, IsUnix: false } address ? address.ToEndPoint() : null;

    public override string DownstreamRemoteAddress => _record.Addresses.Remote.ToString();

    public override string DownstreamLocalAddress => LogSource.DownstreamLocal.ToString();

    public override string? UpstreamLocalAddress => LogSource.UpstreamLocal is { IsKnown: true } address ? address.ToString() : null;

    public override StreamTls? DownstreamTls => StreamTlsView.Of(_record.Client.Transport.Tls);

    public override StreamTimings Timings => new()
    {
        StartTime = LogSource.StartTime,
        RequestReceived = LogSource.SinceStart(_record.Times.RequestSent),
        ResponseReceived = LogSource.SinceStart(_record.Times.ResponseReceived),
        RequestFinished = LogSource.SinceStart(_record.Times.Ended),
    };

    public override long BytesReceived => _record.BytesIn;

    public override long BytesSent => _record.BytesOut;

    public override int ResponseCode => _record.ResponseCode;

    public override ResponseFlags ResponseFlags => _record.Flags;

    public override bool IsLocalReply => _record.IsLocalReply;

    public override StreamLog Log => _log;

    public override StreamMetadata Metadata => _destination.Metadata;

    public override long BodyLimit
    {
        get => _record.Services.MaxBufferedBody;
        set => base.BodyLimit = value;
    }

    internal override bool IsRequestHeadGone => _record.Times.RequestSent != 0;

    internal override bool IsResponseHeadGone => _record.IsHeadSent;

    public override object? GetVariable(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (_variables.Find(name) is { } value)
        {
            return value;
        }

        if (!AccessLogVariables.TryFind(name, out var variable, out string argument))
        {
            return null;
        }

        var bytes = System.Buffers.ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            var writer = new Utf8Writer(bytes) { Escaping = LogEscaping.None };
            return LogSource.TryWrite(variable, Encoding.UTF8.GetBytes(argument), ref writer) ? Encoding.UTF8.GetString(bytes, 0, writer.Length) : null;
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    public override void SetVariable(string name, object? value) => _variables.Set(name, value);

    public override byte[]? GetFilterState(string key) => _variables.GetState(key);

    public override void SetFilterState(string key, ReadOnlySpan<byte> value) => _variables.SetState(key, value);

    public override string? GetAttribute(string name) => _attributes.GetText(name);

    public override long? GetAttributeNumber(string name) => _attributes.GetNumber(name);

    public override bool? GetAttributeFlag(string name) => _attributes.GetFlag(name);

    public override Task<CalloutResponse> CalloutAsync(Callout callout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(callout);
        return _callouts.StartAsync(callout, cancellationToken);
    }

    public override CalloutStream OpenCallout(Callout callout)
    {
        ArgumentNullException.ThrowIfNull(callout);
        return _callouts.Open(callout);
    }

    public override CalloutCopies OpenCopies(Callout callout, int count)
    {
        ArgumentNullException.ThrowIfNull(callout);
        return _callouts.Copy(callout, count);
    }

    public override void SetUpstreamHost(string address, bool strict = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(address);
        // A port of 0 is what an address without one is read as.
        if (!IPEndPoint.TryParse(address, out var host) || host.Port == 0)
        {
            throw new ArgumentException($"'{address}' is no IP address with a port", nameof(address));
        }

        _destination.WantHost(address, strict);
    }

    internal override object? RouteConfigurationAt(int place) => _control.RouteConfigurationAt(place);

    internal override bool IsLogged(StreamLogLevel level) => _record.Services.IsLogged(level);

    internal override void WriteLog(long id, StreamLogLevel level, string message) => _record.Services.LogOf(id, level, message);

    /// <summary>Makes ready for the next stream.</summary>
    internal void Reset() => _variables.Reset();
}
