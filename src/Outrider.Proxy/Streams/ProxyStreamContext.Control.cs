using Outrider.Filters;
using Outrider.Http;
using Outrider.Net;
using Outrider.Proxy.Upstream;

namespace Outrider.Proxy.Streams;

/// <summary>What a filter of another kind may do with its stream, beyond what <see cref="StreamContext"/> offers.</summary>
internal sealed partial class ProxyStreamContext : IStreamControl
{
    EventLoop IStreamControl.Loop => _stream.Loop;

    int IStreamControl.MaxBufferedBody => _stream.Site.MaxBufferedBody;

    HeaderMap? IStreamControl.RequestTrailers => _stream.RequestTrailers.Count > 0 ? _stream.RequestPath.Trailers : null;

    HeaderMap? IStreamControl.ResponseTrailers => _stream.ResponseTrailers.Count > 0 ? _stream.ResponsePath.Trailers : null;

    bool IStreamControl.IsResponseSent => _stream.ResponsePath.HeadSent;

    string? IStreamControl.Details => _stream.Details;

    string? IStreamControl.FailureReason => _stream.Exchange.FailureReason;

    string? IStreamControl.RoutedCluster => _stream.Exchange.Cluster?.Name ?? _stream.Route?.Action?.ClusterName;

    ClusterSet IStreamControl.Clusters => _stream.Snapshot.Clusters;

    void IStreamControl.Release(StreamFilter filter, bool response, bool clearRoute)
        => (response ? (MessagePath)_stream.ResponsePath : _stream.RequestPath).ReleaseFrom(filter, clearRoute);

    void IStreamControl.Reply(LocalReply reply)
    {
        if (_stream.ResponsePath.HeadSent)
        {
            _stream.Terminate(reply.Details ?? "a filter answered after the response had begun");
        }
        else
        {
            _stream.Reply(FilterAction.Reply(reply));
        }
    }

    ResponseHead? IStreamControl.OpenReply() => _stream.OpenReply() ? _stream.Response : null;

    void IStreamControl.BeginReply(StreamFilter filter, bool endStream)
        => _stream.Pieces.Begin(_stream.Filters.Set.Names[_stream.Filters.IndexOf(filter)], endStream);

    void IStreamControl.SendReplyData(ReadOnlySpan<byte> data, bool endStream) => _stream.Pieces.Send(data, endStream);

    HeaderBlock IStreamControl.ReplyTrailers => _stream.ResponseTrailers;

    void IStreamControl.SendReplyTrailers() => _stream.Pieces.SendTrailers();

    void IStreamControl.Terminate(string? details) => _stream.Terminate(details ?? "terminated by a filter");

    void IStreamControl.CloseAfterResponse() => _stream.Request.KeepAlive = false;

    void IStreamControl.WantHost(string address, bool strict)
    {
        _stream.WantedHost = address;
        _stream.WantsNoOtherHost = strict;
    }

    UpstreamCall? IStreamControl.Call(Cluster cluster, IUpstreamCallOwner owner) => UpstreamCall.Create(_stream.Site, cluster, owner);
}
