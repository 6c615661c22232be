using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Net.Loops;
using Outrider.Net.Tls;
using Outrider.Proxy.FilterChains;
using Outrider.Proxy.Streams.Callouts;
using Outrider.Proxy.Streams.Contexts;
using Outrider.Upstream;

namespace Outrider.Bench.Module;

/// <summary>A stream without a connection: two heads, and nothing that happens by itself.</summary>
internal sealed class BenchStream : StreamContext, IStreamControl, IControlledStream
{
    private readonly RequestHead _request = new();
    private readonly ResponseHead _response = new();
    private readonly NativeRequestHeaders _requestHeaders;
    private readonly NativeResponseHeaders _responseHeaders;
    private readonly BenchLog _log = new();

    internal BenchStream(EventLoop loop)
    {
        Loop = loop;
        _requestHeaders = new NativeRequestHeaders(_request);
        _responseHeaders = new NativeResponseHeaders(_response);
    }

    public EventLoop Loop { get; }

    public IStreamControl Control => this;

    public int MaxBufferedBody => 1 << 20;

    HeaderMap? IStreamControl.RequestTrailers => null;

    HeaderMap? IStreamControl.ResponseTrailers => null;

    bool IStreamControl.IsResponseSent => false;

    string? IStreamControl.Details => null;

    string? IStreamControl.FailureReason => null;

    string? IStreamControl.RoutedCluster => null;

    long IStreamControl.ConnectionId => 1;

    TlsInfo? IStreamControl.Tls => null;

    TlsInfo? IStreamControl.UpstreamTls => null;

    int IStreamControl.Attempts => 0;

    int IStreamControl.TriedHostCount => 0;

    LoopClusters IStreamControl.Clusters => throw new NotSupportedException();

    bool IStreamControl.IsStrictTarget => false;

    HeaderBlock IStreamControl.ReplyTrailers => throw new NotSupportedException();

    public override long Id => 1;

    public override CancellationToken Aborted => default;

    public override string Protocol => "HTTP/1.1";

    public override RequestHeaders RequestHeaders => _requestHeaders;

    public override ResponseHeaders? ResponseHeaders => _responseHeaders;

    public override string ListenerName => "bench";

    public override RouteInfo? Route => null;

    public override string? ClusterName => null;

    public override string? UpstreamHost => null;

    public override string DownstreamRemoteAddress => "127.0.0.1:1";

    public override string DownstreamLocalAddress => "127.0.0.1:2";

    public override string? UpstreamLocalAddress => null;

    public override StreamTimings Timings => default;

    public override long BytesReceived => 0;

    public override long BytesSent => 0;

    public override int ResponseCode => 200;

    public override ResponseFlags ResponseFlags => ResponseFlags.None;

    public override bool IsLocalReply => false;

    public override StreamLog Log => _log;

    public override object? GetVariable(string name) => null;

    public override void SetVariable(string name, object? value)
    {
    }

    object? IStreamControl.RouteConfigurationOf(StreamFilter filter) => null;

    void IStreamControl.Release(StreamFilter filter, bool response, bool clearRoute)
    {
    }

    void IStreamControl.Reply(LocalReply reply) => throw new InvalidOperationException("the module answered");

    ResponseHead? IStreamControl.OpenReply() => null;

    void IStreamControl.BeginReply(StreamFilter filter, bool endStream)
    {
    }

    void IStreamControl.SendReplyData(ReadOnlySpan<byte> data, bool endStream)
    {
    }

    void IStreamControl.SendReplyTrailers()
    {
    }

    void IStreamControl.Terminate(string? details) => throw new InvalidOperationException("the module ended the stream");

    void IStreamControl.CloseAfterResponse()
    {
    }

    void IStreamControl.WantHost(string address, bool strict)
    {
    }

    string IStreamControl.TriedHost(int index) => throw new NotSupportedException();

    void IStreamControl.Keep(IDisposable resource) => throw new NotSupportedException();

    UpstreamCall? ICallSource.Call(Cluster cluster, IUpstreamCallOwner owner) => null;

    /// <summary>The heads of a small exchange, as a browser's are.</summary>
    internal void Begin()
    {
        _request.Clear();
        _request.SetMethod("GET"u8);
        _request.SetTarget("/"u8);
        _request.SetAuthority("example.test"u8);
        _request.Fields.Add("user-agent"u8, "bench/1.0"u8);
        _request.Fields.Add("accept"u8, "*/*"u8);
        _request.Fields.Add("token"u8, "c64319d06364528120a9f96af62ea83d"u8);
        _response.Clear();
        _response.Status = 200;
        _response.Fields.Add("content-type"u8, "text/plain"u8);
        _response.Fields.Add("server"u8, "bench"u8);
    }

    private sealed class BenchLog : StreamLog
    {
        public override bool IsEnabled(StreamLogLevel level) => level <= StreamLogLevel.Warn;

        public override void Write(StreamLogLevel level, string message) => Console.Error.WriteLine(message);
    }
}
