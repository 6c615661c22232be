using Outrider.Filters;

namespace Outrider.Proxy.Streams.Contexts;

/// <summary>One filter's view of its stream: all that every filter sees, and what the route configures for this one. Lives, and is used again, with the stream.</summary>
internal sealed class FilterStreamContext(ProxyStreamContext stream, int filter) : StreamContext
{
    public override object? RouteConfiguration => stream.RouteConfigurationAt(filter);

    public override long Id => stream.Id;

    public override CancellationToken Aborted => stream.Aborted;

    public override string Protocol => stream.Protocol;

    public override RequestHeaders RequestHeaders => stream.RequestHeaders;

    public override ResponseHeaders? ResponseHeaders => stream.ResponseHeaders;

    public override string ListenerName => stream.ListenerName;

    public override RouteInfo? Route => stream.Route;

    public override string? ClusterName => stream.ClusterName;

    public override string? UpstreamHost => stream.UpstreamHost;

    public override string DownstreamRemoteAddress => stream.DownstreamRemoteAddress;

    public override string DownstreamLocalAddress => stream.DownstreamLocalAddress;

    public override string? UpstreamLocalAddress => stream.UpstreamLocalAddress;

    public override StreamTls? DownstreamTls => stream.DownstreamTls;

    public override StreamTimings Timings => stream.Timings;

    public override long BytesReceived => stream.BytesReceived;

    public override long BytesSent => stream.BytesSent;

    public override int ResponseCode => stream.ResponseCode;

    public override ResponseFlags ResponseFlags => stream.ResponseFlags;

    public override bool IsLocalReply => stream.IsLocalReply;

    public override StreamLog Log => stream.Log;

    public override StreamMetadata Metadata => stream.Metadata;

    public override object? GetVariable(string name) => stream.GetVariable(name);

    public override void SetVariable(string name, object? value) => stream.SetVariable(name, value);

    public override Task<CalloutResponse> CalloutAsync(Callout callout, CancellationToken cancellationToken = default)
        => stream.CalloutAsync(callout, cancellationToken);

    public override byte[]? GetFilterState(string key) => stream.GetFilterState(key);

    public override void SetFilterState(string key, ReadOnlySpan<byte> value) => stream.SetFilterState(key, value);

    public override string? GetAttribute(string name) => stream.GetAttribute(name);

    public override long? GetAttributeNumber(string name) => stream.GetAttributeNumber(name);

    public override bool? GetAttributeFlag(string name) => stream.GetAttributeFlag(name);
}
