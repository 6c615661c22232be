using Outrider.Upstream;

namespace Outrider.Proxy.Streams.Callouts;

/// <summary>Who makes requests for filters. On the stream's loop.</summary>
internal interface ICallSource
{
    /// <summary>How many bytes of an answer may be collected.</summary>
    int MaxBufferedBody { get; }

    /// <summary>A request of the filter's own, not yet started; null when the cluster has no host, or the stream as many requests as it may have.</summary>
    UpstreamCall? Call(Cluster cluster, IUpstreamCallOwner owner);
}
