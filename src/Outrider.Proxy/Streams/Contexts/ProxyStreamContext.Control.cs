using System.Runtime.CompilerServices;
using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Net.Loops;
using Outrider.Net.Tls;
using Outrider.Net.Transports;
using Outrider.Proxy.Streams.Paths;
using Outrider.Proxy.Upstream;

namespace Outrider.Proxy.Streams.Contexts;

/// <summary>What a filter of another kind may do with its stream, beyond what <see cref="StreamContext"/> offers.</summary>
internal sealed partial class ProxyStreamContext : IStreamControl
{
    private static readonly ConditionalWeakTable<Transport, object> s_connectionIds = [];
    private static long s_lastConnectionId;

    private List<IDisposable>? _kept;

    EventLoop IStreamControl.Loop => _stream.Loop;

    int IStreamControl.MaxBufferedBody => _stream.Site.MaxBufferedBody;

    bool IStreamControl.IsStrictTarget => _stream.Snapshot.Limits.StrictTarget;

    HeaderMap? IStreamControl.RequestTrailers => _stream.RequestTrailers.Count > 0 ? _stream.RequestPath.Trailers : null;

    HeaderMap? IStreamControl.ResponseTrailers => _stream.ResponseTrailers.Count > 0 ? _stream.ResponsePath.Trailers : null;

    bool IStreamControl.IsResponseSent => _stream.ResponsePath.HeadSent;

    string? IStreamControl.Details => _stream.Details;

    string? IStreamControl.FailureReason => _stream.Exchange.FailureReason;

    string? IStreamControl.RoutedCluster => _stream.Exchange.Cluster?.Name ?? _stream.Route?.Action?.ClusterName;

    // Beside the connections and not in them: few streams are asked, and an idle connection is to be small.
    long IStreamControl.ConnectionId => (long)s_connectionIds.GetValue(_stream.Transport, static _ => Interlocked.Increment(ref s_lastConnectionId));

    TlsInfo? IStreamControl.Tls => _stream.Transport.Tls;

    TlsInfo? IStreamControl.UpstreamTls => _stream.Exchange.Tls;

    int IStreamControl.Attempts => _stream.Exchange.Attempts;

    int IStreamControl.TriedHostCount => Math.Min(_stream.Exchange.Tried.Tries, TriedHosts.Capacity);

    LoopClusters IStreamControl.Clusters => new(_stream.Snapshot.Clusters, _stream.Loop.Index);

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

    string IStreamControl.TriedHost(int index) => _stream.Exchange.Tried[index].Address;

    void IStreamControl.Keep(IDisposable resource) => (_kept ??= []).Add(resource);

    /// <summary>The stream has no filters any more.</summary>
    internal void DisposeKept()
    {
        if (_kept is not { Count: > 0 })
        {
            return;
        }

        foreach (var resource in _kept)
        {
            resource.Dispose();
        }

        _kept.Clear();
    }

    public override CalloutCopies OpenCopies(Callout callout, int count)
    {
        ArgumentNullException.ThrowIfNull(callout);
        return _stream.OpenCopies(callout, count);
    }

    UpstreamCall? IStreamControl.Call(Cluster cluster, IUpstreamCallOwner owner) 
        => _stream.Calls.IsFull ? null : UpstreamCall.Create(_stream.Site, cluster, owner, _stream.Calls, owner is CollectedCall ? null : owner as ICallFlow ?? _stream.Calls);
}
