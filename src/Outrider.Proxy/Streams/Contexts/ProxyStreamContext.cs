using System.Diagnostics;
using System.Net;
using System.Text;
using Outrider.Filters;
using Outrider.Net.Addresses;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Logging.AccessLog;
using Outrider.Proxy.Routing;
using Outrider.Proxy.Upstream.Hosts;

namespace Outrider.Proxy.Streams.Contexts;

/// <summary>What filters and access logs see of a stream. Lives, and is used again, with it.</summary>
internal sealed partial class ProxyStreamContext : StreamContext, IAccessLogSource
{
    private readonly ProxyStream _stream;
    private readonly ProxyStreamLog _log;
    private Dictionary<string, object>? _variables;
    private Dictionary<string, byte[]>? _state;
    private ProxyStreamMetadata? _metadata;
    private PeerAddress _upstreamLocal;
    private PeerAddress _downstreamLocal;

    internal ProxyStreamContext(ProxyStream stream)
    {
        _stream = stream;
        _log = new ProxyStreamLog(stream);
    }

    public override long Id => _stream.Id;

    public override CancellationToken Aborted => _stream.Aborted;

    public override string Protocol => _stream.Request.IsHttp2 ? "HTTP/2" : _stream.Request.MinorVersion == 0 ? "HTTP/1.0" : "HTTP/1.1";

    public override RequestHeaders RequestHeaders => _stream.RequestPath.Headers;

    public override ResponseHeaders? ResponseHeaders => _stream.ResponsePath.HasBegun ? _stream.ResponsePath.Headers : null;

    public override string ListenerName => _stream.Snapshot.Configuration.Name;

    public override RouteInfo? Route => _stream.Route?.Info;

    public override string? ClusterName => _stream.Exchange.Cluster?.Name;

    public override string? UpstreamHost => _stream.Exchange.Host?.Address;

    public override BalancedHost? Host => _stream.Exchange.Host;

    public override IPEndPoint? DownstreamRemote => _stream.RemoteAddress is { IsKnown: true, IsUnix: false } address ? address.ToEndPoint() : null;

    public override string DownstreamRemoteAddress => _stream.RemoteAddress.ToString();

    public override string DownstreamLocalAddress => DownstreamLocal.ToString();

    public override string? UpstreamLocalAddress => UpstreamLocal is { IsKnown: true } address ? address.ToString() : null;

    public override StreamTls? DownstreamTls => StreamTlsView.Of(_stream.Transport.Tls);

    public override StreamTimings Timings => new()
    {
        StartTime = StartTime,
        RequestReceived = SinceStart(_stream.RequestSentAt),
        ResponseReceived = SinceStart(_stream.ResponseReceivedAt),
        RequestFinished = SinceStart(_stream.EndedAt),
    };

    public override long BytesReceived => _stream.BytesIn;

    public override long BytesSent => _stream.BytesOut;

    public override int ResponseCode => _stream.ResponseCode;

    public override ResponseFlags ResponseFlags => _stream.Flags;

    public override bool IsLocalReply => _stream.ResponsePath.IsLocal;

    public override StreamLog Log => _log;

    public override StreamMetadata Metadata => _metadata ??= new();

    private PeerAddress DownstreamLocal => _downstreamLocal.IsKnown ? _downstreamLocal : _stream.Transport.LocalAddress;

    private PeerAddress UpstreamLocal => _stream.Exchange.LocalAddress is { IsKnown: true } address ? address : _upstreamLocal;

    // The wall clock is asked for here and not once a request: only logs want it.
    private DateTime StartTime => DateTime.UtcNow - Stopwatch.GetElapsedTime(_stream.StartedAt);

    internal override bool IsRequestHeadGone => _stream.RequestSentAt != 0;

    internal override bool IsResponseHeadGone => _stream.ResponsePath.HeadSent;

    internal override bool IsLogged(StreamLogLevel level) => _stream.Site.IsLogged(level);

    internal override void WriteLog(long id, StreamLogLevel level, string message) => _stream.Site.LogOf(id, level, message);

    public override object? GetVariable(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (_variables is not null && _variables.TryGetValue(name, out var value))
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
            return TryWrite(variable, Encoding.UTF8.GetBytes(argument), ref writer) ? Encoding.UTF8.GetString(bytes, 0, writer.Length) : null;
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    public override void SetVariable(string name, object? value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (AccessLogVariables.TryFind(name, out _, out _))
        {
            throw new ArgumentException($"'{name}' is a variable of the proxy's own", nameof(name));
        }

        if (value is null)
        {
            _ = _variables?.Remove(name);
        }
        else
        {
            (_variables ??= new(StringComparer.Ordinal))[name] = value;
        }
    }

    public override Task<CalloutResponse> CalloutAsync(Callout callout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(callout);
        return _stream.CalloutAsync(callout, cancellationToken);
    }

    public override CalloutStream OpenCallout(Callout callout)
    {
        ArgumentNullException.ThrowIfNull(callout);
        return _stream.OpenCallout(callout);
    }

    public override byte[]? GetFilterState(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return _state?.GetValueOrDefault(key)?.AsSpan().ToArray();
    }

    public override void SetFilterState(string key, ReadOnlySpan<byte> value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (!(_state ??= new(StringComparer.Ordinal)).TryAdd(key, value.ToArray()))
        {
            throw new InvalidOperationException($"the filter state '{key}' is set already");
        }
    }

    public bool TryWrite(AccessLogVariable variable, ReadOnlySpan<byte> argument, ref Utf8Writer writer)
    {
        switch (variable)
        {
            case AccessLogVariable.StartTime:
                writer.WriteTime(StartTime, LogTimeFormat.Access);
                return true;
            case AccessLogVariable.RequestReceivedDuration:
                return WriteDuration(_stream.RequestSentAt, argument, ref writer);
            case AccessLogVariable.ResponseReceivedDuration:
                return WriteDuration(_stream.ResponseReceivedAt, argument, ref writer);
            case AccessLogVariable.RequestFinishedDuration:
            case AccessLogVariable.Duration:
                return WriteDuration(_stream.EndedAt == 0 ? Stopwatch.GetTimestamp() : _stream.EndedAt, argument, ref writer);
            case AccessLogVariable.ProcessTimeDuration:
                writer.Write(_stream.ProcessTime, argument);
                return true;
            case AccessLogVariable.Tries:
                writer.Write(_stream.Exchange.Attempts);
                return true;
            case AccessLogVariable.EndReason:
                writer.WriteRaw(EndReasons.Of(_stream));
                return true;
            case AccessLogVariable.BytesSent:
                writer.Write(_stream.BytesOut);
                return true;
            case AccessLogVariable.BytesReceived:
            case AccessLogVariable.RequestLength:
                writer.Write(_stream.BytesIn);
                return true;
            case AccessLogVariable.Protocol:
                writer.WriteRaw(_stream.Request.IsHttp2 ? "HTTP/2"u8 : _stream.Request.MinorVersion == 0 ? "HTTP/1.0"u8 : "HTTP/1.1"u8);
                return true;
            case AccessLogVariable.UpstreamProtocol:
                return WriteText(_stream.Exchange.Protocol, ref writer);
            case AccessLogVariable.ResponseCode:
                writer.Write(ResponseCode);
                return ResponseCode != 0;
            case AccessLogVariable.ResponseFlag:
                writer.Write(_stream.Flags != ResponseFlags.None);
                return true;
            case AccessLogVariable.ResponseFlags:
                return ResponseFlagCodes.TryWrite(_stream.Flags, ref writer);
            case AccessLogVariable.ResponseCodeDetails:
                return WriteText(_stream.Details, ref writer);
            case AccessLogVariable.UpstreamLocalAddress:
                return WriteAddress(UpstreamLocal, ref writer);
            case AccessLogVariable.DownstreamLocalAddress:
                return WriteAddress(DownstreamLocal, ref writer);
            case AccessLogVariable.DownstreamRemoteAddress:
                return WriteAddress(_stream.RemoteAddress, ref writer);
            case AccessLogVariable.DownstreamDirectRemoteAddress:
                return WriteAddress(_stream.PeerAddress, ref writer);
            case AccessLogVariable.UpstreamHost:
                return WriteText(UpstreamHost, ref writer);
            case AccessLogVariable.UpstreamCluster:
                return WriteText(ClusterName, ref writer);
            case AccessLogVariable.UpstreamTransportFailureReason:
                return WriteText(_stream.Exchange.FailureReason, ref writer);
            case AccessLogVariable.RequestedServerName:
                return WriteText(_stream.Transport.Tls?.ServerName, ref writer);
            case AccessLogVariable.RouteName:
                return WriteText(_stream.Route?.Info.Name, ref writer);
            case AccessLogVariable.ListenerName:
                return WriteText(ListenerName, ref writer);
            case AccessLogVariable.ListenerPort:
                writer.Write(DownstreamLocal.Port);
                return DownstreamLocal.Port != 0;
            case AccessLogVariable.StreamId:
                writer.WriteHex(_stream.Id);
                return true;
            case AccessLogVariable.User:
                return WriteText(_variables is { } own && own.TryGetValue(Encoding.UTF8.GetString(argument), out var value) ? value.ToString() : null, ref writer);
            default:
                return RequestVariables.TryWrite(_stream, variable, argument, ref writer);
        }
    }

    /// <summary>The stream ends: what only its connections know is remembered, where an access log or a filter may still ask.</summary>
    internal void CaptureAddresses()
    {
        if (_stream.NeedsAddresses)
        {
            _downstreamLocal = _stream.Transport.LocalAddress;
        }
    }

    /// <summary>The exchange ends: as <see cref="CaptureAddresses"/>, for the upstream's connection.</summary>
    internal void CaptureUpstream(PeerAddress local) => _upstreamLocal = local;

    /// <summary>Adds what filters have set for the choice of a subset; what is there under the same key is replaced.</summary>
    internal void AddSubsetMetadata(List<KeyValuePair<string, string>> wanted) => _metadata?.AddSubset(wanted);

    internal void Reset()
    {
        _variables?.Clear();
        _state?.Clear();
        _metadata?.Clear();
        _upstreamLocal = _downstreamLocal = default;
    }

    private TimeSpan SinceStart(long timestamp) => timestamp == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_stream.StartedAt, timestamp);

    private bool WriteDuration(long timestamp, ReadOnlySpan<byte> unit, ref Utf8Writer writer)
    {
        writer.Write(SinceStart(timestamp), unit);
        return timestamp != 0;
    }

    private static bool WriteAddress(PeerAddress address, ref Utf8Writer writer)
    {
        writer.Write(address);
        return address.IsKnown;
    }

    private static bool WriteText(string? text, ref Utf8Writer writer)
    {
        writer.WriteText(text);
        return text is not null;
    }
}
