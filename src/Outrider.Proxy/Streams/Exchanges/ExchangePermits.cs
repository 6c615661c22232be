using Outrider.Upstream;
using Outrider.Upstream.Breakers;

namespace Outrider.Proxy.Streams.Exchanges;

/// <summary>What a request takes of what its cluster may have, for one try. A part of its exchange: no allocation.</summary>
internal struct ExchangePermits
{
    private Permit _request;
    private Permit _retry;

    /// <summary>A try begins. False: the cluster has as many requests as it may have. A try after the first was let in with the first.</summary>
    internal bool TryBegin(Cluster cluster, bool isFirst)
    {
        if (cluster.Breakers.TryRequest(ref _request))
        {
            return true;
        }

        if (!isFirst)
        {
            _request.Take(cluster.Breakers.Counts.Requests);
            return true;
        }

        return false;
    }

    /// <summary>May there be another try? It is counted then, until it ends.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="isBudgeted">Was the host given work by the try before?</param>
    /// <param name="active">Requests of the cluster that have not ended, on all loops.</param>
    internal bool TryRetry(Cluster cluster, bool isBudgeted, long active) => cluster.Breakers.TryRetry(ref _retry, isBudgeted, active);

    /// <summary>The try has ended.</summary>
    internal void Return()
    {
        _request.Return();
        _retry.Return();
    }
}
