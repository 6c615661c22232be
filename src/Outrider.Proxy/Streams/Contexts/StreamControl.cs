using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Net.Loops;
using Outrider.Net.Tls;
using Outrider.Proxy.FilterChains;
using Outrider.Proxy.Streams.Callouts;
using Outrider.Proxy.Streams.Destinations;
using Outrider.Proxy.Streams.Exchanges;
using Outrider.Proxy.Streams.Paths;
using Outrider.Proxy.Streams.Records;
using Outrider.Proxy.Streams.Replies;
using Outrider.Upstream;

namespace Outrider.Proxy.Streams.Contexts;

/// <summary>What a filter of another kind may do with its stream, beyond what <see cref="StreamContext"/> offers.</summary>
internal sealed class StreamControl(
    StreamRecord record, FilterChain filters, RequestDestination destination, UpstreamExchange exchange, RequestPath request, ResponsePath response, FilterReplies replies,
    StreamCallouts callouts, KeptResources kept, IPathOwner owner) : IStreamControl
{
    public EventLoop Loop => record.Loop;

    public int MaxBufferedBody => record.Services.MaxBufferedBody;

    public bool IsStrictTarget => record.Snapshot.Limits.StrictTarget;

    public HeaderMap? RequestTrailers => record.Client.RequestTrailers.Count > 0 ? request.Trailers : null;

    public HeaderMap? ResponseTrailers => record.ResponseTrailers.Count > 0 ? response.Trailers : null;

    public bool IsResponseSent => record.IsHeadSent;

    public string? Details => record.Details;

    public string? FailureReason => exchange.FailureReason;

    public string? RoutedCluster => exchange.Cluster?.Name ?? record.Route?.Action?.ClusterName;

    public long ConnectionId => ConnectionNumbers.Of(record.Client.Transport);

    public TlsInfo? Tls => record.Client.Transport.Tls;

    public TlsInfo? UpstreamTls => exchange.Tls;

    public int Attempts => exchange.Attempts;

    public int TriedHostCount => Math.Min(exchange.Tried.Tries, TriedHosts.Capacity);

    public LoopClusters Clusters => new(record.Snapshot.Clusters, record.Loop.Index);

    public void Release(StreamFilter filter, bool ofResponse, bool clearRoute)
        => (ofResponse ? response.Walk : request.Walk).ReleaseFrom(filter, clearRoute);

    public void Reply(LocalReply reply)
    {
        if (record.IsHeadSent)
        {
            owner.Terminate(reply.Details ?? "a filter answered after the response had begun");
        }
        else
        {
            replies.Reply(FilterAction.Reply(reply), "");
        }
    }

    public ResponseHead? OpenReply() => replies.Open() ? record.Response : null;

    public void BeginReply(StreamFilter filter, bool endStream)
        => replies.Pieces.Begin(filters.Set.Names[filters.IndexOf(filter)], endStream);

    public void SendReplyData(ReadOnlySpan<byte> data, bool endStream) => replies.Pieces.Send(data, endStream);

    public HeaderBlock ReplyTrailers => record.ResponseTrailers;

    public void SendReplyTrailers() => replies.Pieces.SendTrailers();

    public void Terminate(string? details) => owner.Terminate(details ?? "terminated by a filter");

    public void CloseAfterResponse() => record.Request.KeepAlive = false;

    public void WantHost(string address, bool strict) => destination.WantHost(address, strict);

    public string TriedHost(int index) => exchange.Tried[index].Address;

    public void Keep(IDisposable resource) => kept.Add(resource);

    public UpstreamCall? Call(Cluster cluster, IUpstreamCallOwner owner) => callouts.Call(cluster, owner);

    public object? RouteConfigurationOf(StreamFilter filter) => RouteConfigurationAt(filters.IndexOf(filter));

    /// <summary>What the matched route has for the filter at this place; null for nothing.</summary>
    internal object? RouteConfigurationAt(int filter) => filter >= 0 && record.Route is { } route ? record.Snapshot.Filters.Routes.Find(route.Number, filter) : null;
}
