using Outrider.Http.Headers;
using Outrider.Net.Loops;
using Outrider.Proxy.Grpc;
using Outrider.Proxy.Streams.Records;
using Outrider.Upstream;
using Outrider.Upstream.Hosts;

namespace Outrider.Proxy.Streams.Exchanges;

/// <summary>The host that a request is sent to, the loop's connections to it, and what is counted of each try there. A part of its exchange: no allocation.</summary>
internal struct HostUse
{
    private ActiveRequest _active;
    private ExchangePermits _permits;
    private bool _awaitsGrpcStatus;

    /// <summary>Whose host it is; null before there is a route.</summary>
    internal Cluster? Cluster { get; set; }

    /// <summary>The host of the try at hand; null while none was chosen.</summary>
    internal UpstreamHost? Host { get; set; }

    /// <summary>The loop's connections to it; null before the first try.</summary>
    internal ConnectionPool? Pool { get; private set; }

    /// <summary>A try begins. False: the cluster has as many requests as it may have.</summary>
    internal bool TryBegin(ListenerServices services, bool isFirst)
    {
        Pool = services.PoolFor(Host!, Cluster!);
        return _permits.TryBegin(Cluster!, isFirst);
    }

    /// <summary>The request goes out.</summary>
    internal void OnSent(EventLoop loop) => _active.Begin(Host!, loop, Pool!.Stats);

    /// <summary>The host has answered.</summary>
    /// <param name="stream">The request, and the answer's head.</param>
    /// <param name="closes">Does it close the connection after that?</param>
    /// <param name="endStream">Is the head all of it?</param>
    internal void OnAnswer(StreamRecord stream, bool closes, bool endStream)
    {
        var loop = stream.Loop;
        CountsOn(loop).Answered(stream.Response.Status, (long)Measure(loop), loop.Now, closes);
        _awaitsGrpcStatus = false;
        if (Cluster!.Outliers is { } outliers)
        {
            int outcome = GrpcOutcome.AtHead(stream.Request, stream.Response, endStream);
            _awaitsGrpcStatus = outcome == GrpcOutcome.NotYet;
            if (!_awaitsGrpcStatus)
            {
                outliers.OnAnswer(Host!, loop.Index, outcome);
            }
        }
    }

    /// <summary>The answer has come to its end, with which a call of gRPC says how it has gone.</summary>
    /// <param name="loop">The stream's.</param>
    /// <param name="trailers">What stands there; null without any.</param>
    internal void OnAnswerEnd(EventLoop loop, HeaderBlock? trailers)
    {
        if (_awaitsGrpcStatus)
        {
            _awaitsGrpcStatus = false;
            Cluster!.Outliers?.OnAnswer(Host!, loop.Index, GrpcOutcome.AtEnd(trailers));
        }
    }

    /// <summary>The host has not answered.</summary>
    internal readonly void OnNoAnswer(EventLoop loop, bool timedOut) => Cluster!.Outliers?.OnNoAnswer(Host!, loop.Index, timedOut);

    /// <summary>The try at hand has taken so long, to its answer or to the end of patience; in microseconds.</summary>
    internal readonly double Measure(EventLoop loop)
    {
        double microseconds = _active.Microseconds(loop.Timestamp);
        Host!.LatencyOf(loop.Index).Measure(microseconds, loop.Now);
        return microseconds;
    }

    /// <summary>Where what happens to the request at the host is counted.</summary>
    internal readonly RequestCounts CountsOn(EventLoop loop) => new(Host!, loop.Index, Pool!.Stats);

    /// <summary>There is another try.</summary>
    internal readonly void CountRetry(ListenerServices services)
    {
        services.Stats.Retries++;
        Pool!.Stats.Retries++;
    }

    /// <summary>An upstream has taken too long.</summary>
    internal readonly void CountTimeout(ListenerServices services)
    {
        services.Stats.UpstreamTimeouts++;
        CountsOn(services.Loop).TimedOut();
    }

    /// <summary>
    /// May there be another try, as far as the cluster is concerned? It is counted then. What lies at a host that was found to be sick is no storm: it goes where it would have
    /// gone had that been known, and there is an end of it, as nothing more goes to that host.
    /// </summary>
    /// <param name="services">Of the loop.</param>
    /// <param name="isBudgeted">Was the host given work by the try before?</param>
    internal bool MayRetry(ListenerServices services, bool isBudgeted)
    {
        isBudgeted &= Host!.IsHealthy && !Host.Health.IsBeingEjected;
        return _permits.TryRetry(Cluster!, isBudgeted, isBudgeted ? services.ActiveRequestsOf(Cluster!) : 0);
    }

    /// <summary>The host has nothing to do for this request any more; what the cluster allows for it is kept for the next try.</summary>
    internal void EndAtHost(EventLoop loop) => _active.End(Host, loop.Index, Pool?.Stats);

    /// <summary>The try has ended.</summary>
    internal void End(EventLoop loop)
    {
        EndAtHost(loop);
        _permits.Return();
    }

    /// <summary>Makes ready for the next request.</summary>
    internal void Reset()
    {
        Cluster = null;
        Host = null;
    }
}
