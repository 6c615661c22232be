using System.Text;

namespace Outrider.Filters.Testing;

/// <summary>What filters know of a stream in memory. On the host's loop.</summary>
internal sealed class TestContext : StreamContext
{
    private readonly StreamRun _run;
    private readonly TestRequest _request;
    private readonly TestStreamLog _log;
    private readonly DateTime _startTime;

    internal TestContext(StreamRun run, TestRequest request)
    {
        _run = run;
        _request = request;
        _log = new TestStreamLog(run.Host, run.Id);
        _startTime = run.Host.Clock.GetUtcNow().UtcDateTime;
        Values = new TestMetadata(run);
    }

    public override long Id => _run.Id;

    public override CancellationToken Aborted => _run.Aborted;

    public override string Protocol => _request.Protocol;

    public override RequestHeaders RequestHeaders => _run.RequestHeaders;

    public override ResponseHeaders? ResponseHeaders => _run.Response.Headers;

    public override string ListenerName => _run.Host.ListenerName;

    public override RouteInfo? Route => _run.Route.Current?.Info;

    public override string? ClusterName => _run.Route.ClusterName;

    public override string? UpstreamHost => _run.Route.ClusterName is null ? null : WantedHost ?? "127.0.0.1:8080";

    public override string DownstreamRemoteAddress => _request.RemoteAddress;

    public override string DownstreamLocalAddress => _run.Host.LocalAddress;

    public override string? UpstreamLocalAddress => _run.Route.ClusterName is null ? null : "127.0.0.1:40000";

    public override StreamTls? DownstreamTls => _run.Host.DownstreamTls;

    public override StreamTimings Timings => new() { StartTime = _startTime };

    public override TimeProvider Time => _run.Host.Clock;

    public override long BytesReceived => _run.BytesReceived;

    public override long BytesSent => _run.Response.Length;

    public override int ResponseCode => _run.Response.Headers?.Status ?? 0;

    public override ResponseFlags ResponseFlags => _run.Flags;

    public override bool IsLocalReply => _run.IsLocal;

    public override StreamLog Log => _log;

    public override StreamMetadata Metadata => Values;

    public override long BodyLimit
    {
        get => _run.BodyLimit;
        set => _run.BodyLimit = value;
    }

    internal TestMetadata Values { get; }

    internal Dictionary<string, object> Variables { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, byte[]> FilterState { get; } = new(StringComparer.Ordinal);

    internal string? WantedHost { get; private set; }

    internal override bool IsRequestHeadGone => _run.Request.IsHeadGone;

    internal override bool IsResponseHeadGone => _run.Response.IsHeadSent;

    public override object? GetVariable(string name) => Variables.GetValueOrDefault(name);

    public override void SetVariable(string name, object? value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (value is null)
        {
            _ = Variables.Remove(name);
        }
        else
        {
            Variables[name] = value;
        }
    }

    public override Task<CalloutResponse> CalloutAsync(Callout callout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(callout);
        return new TestCallout(_run, callout).AskAsync(cancellationToken);
    }

    public override CalloutStream OpenCallout(Callout callout)
    {
        ArgumentNullException.ThrowIfNull(callout);
        return new TestCalloutStream(_run, new TestCallout(_run, callout));
    }

    public override CalloutCopies OpenCopies(Callout callout, int count)
    {
        ArgumentNullException.ThrowIfNull(callout);
        return new TestCopies(new TestCallout(_run, callout), Math.Max(1, count));
    }

    public override byte[]? GetFilterState(string key) => FilterState.GetValueOrDefault(key)?.ToArray();

    public override void SetFilterState(string key, ReadOnlySpan<byte> value)
    {
        if (!FilterState.TryAdd(key, value.ToArray()))
        {
            throw new InvalidOperationException($"the filter state '{key}' is set already");
        }
    }

    public override void SetUpstreamHost(string address, bool strict = false)
        => WantedHost = System.Net.IPEndPoint.TryParse(address, out var point) && point.Port > 0 ? address : throw new ArgumentException($"'{address}' is no IP address with a port", nameof(address));

    public override void AddFlag(string flag)
    {
        if (string.IsNullOrEmpty(flag) || flag.Any(c => char.IsWhiteSpace(c) || c == ','))
        {
            throw new ArgumentException("a flag is a word without white space or commas", nameof(flag));
        }

        _run.AddFlag(flag);
    }

    public override string? GetAttribute(string name) => Attribute(name) as string;

    public override long? GetAttributeNumber(string name) => Attribute(name) as long?;

    public override bool? GetAttributeFlag(string name) => Attribute(name) as bool?;

    internal override object? RouteConfigurationAt(int place) => _run.Route.Current?.Configurations[place];

    internal override bool IsLogged(StreamLogLevel level) => _log.IsEnabled(level);

    internal override void WriteLog(long id, StreamLogLevel level, string message) => new TestStreamLog(_run.Host, id).Write(level, message);

    private object? Attribute(string name)
    {
        if (_run.Host.Attributes.TryGetValue(name, out object? value))
        {
            return value is int number ? (long)number : value;
        }

        var head = _run.RequestHeaders;
        return name switch
        {
            "request.method" => head.MethodString,
            "request.path" => head.PathString,
            "request.url_path" => Encoding.Latin1.GetString(head.PathWithoutQuery),
            "request.host" => head.AuthorityString,
            "request.scheme" => Encoding.Latin1.GetString(head.Scheme),
            "request.protocol" => _request.Protocol,
            "request.size" => _run.BytesReceived,
            "response.code" => _run.Response.Headers is { } response ? (long)response.Status : null,
            "response.size" => _run.Response.Length,
            "source.address" => DownstreamRemoteAddress,
            "destination.address" => DownstreamLocalAddress,
            "xds.route_name" => Route?.Name,
            "xds.cluster_name" => ClusterName,
            _ => null,
        };
    }
}
