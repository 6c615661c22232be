using Outrider.Http.Streams;
using Outrider.Proxy.Streams.Destinations;
using Outrider.Proxy.Streams.Records;
using Outrider.Upstream;

namespace Outrider.Proxy.Streams.Exchanges;

/// <summary>
/// Gets a connection for each try of a request: to the host that was chosen, to another one, after a pause. Lives, and is used again, with its exchange, which sends the
/// request on it.
/// </summary>
internal sealed class UpstreamTries(StreamRecord record, RequestDestination destination, RequestRepeats repeats, UpstreamExchange exchange) : IConnectionWaiter
{
    private ConnectionWait? _wait;
    private RetryDelay? _delay;

    /// <summary>The host of the try at hand. A field, for it is written in place.</summary>
    internal HostUse Use;

    /// <summary>Chooses a host, not one that was chosen before while there are others. False: there is none.</summary>
    internal bool ChooseHost(Cluster cluster)
    {
        Use.Cluster = cluster;
        Use.Host = destination.ChooseFirst(cluster, ref repeats.Tries.Hosts);
        return Use.Host is not null;
    }

    /// <summary>Begins a try at the host.</summary>
    /// <param name="fresh">On a connection that has not rested.</param>
    internal void Connect(bool fresh)
    {
        repeats.Tries.Begin();
        if (!Use.TryBegin(record.Services, isFirst: repeats.Tries.Count == 1))
        {
            Use.Pool!.Refuse(this, destination.UpstreamProtocol, "there are too many requests (max_requests)", ref _wait);
            return;
        }

        // A request that may not be sent twice goes out only on a connection that is known to be good.
        var request = record.Request;
        var connection = Use.Pool!.Acquire(this, destination.UpstreamProtocol, request.IsHttp2, fresh, verify: !request.IsIdempotent, ref _wait);
        if (connection is not null)
        {
            exchange.Send(connection);
        }

        if (connection is null || repeats.Tries.Count > 1)
        {
            // The client waits until there is a connection; with a second try it has been waiting.
            exchange.OnFlow();
        }
    }

    /// <summary>Begins another try at the same host.</summary>
    internal void Repeat(bool fresh)
    {
        Use.CountRetry(record.Services);
        Connect(fresh);
    }

    /// <summary>Tries a host that was not tried yet. False: there is none, or it has been enough.</summary>
    internal bool TryElsewhere(bool orOnTheSameHost, bool isBudgeted)
    {
        if (!repeats.IsPossible)
        {
            return false;
        }

        var before = repeats.Tries.Hosts;
        var next = destination.Choose(Use.Cluster!, ref repeats.Tries.Hosts);
        if (next is null || (before.Contains(next) && !orOnTheSameHost) || !Use.MayRetry(record.Services, isBudgeted))
        {
            return false;
        }

        Use.Host = next;
        Repeat(fresh: false);
        return true;
    }

    /// <summary>Makes another try, if it is <paramref name="allowed"/> and the cluster lets it: the policy's, on another host where there is one. False: it makes none.</summary>
    /// <param name="allowed">Does the policy want it?</param>
    /// <param name="waited">Milliseconds that were waited already, for an answer: they are part of the pause before it.</param>
    internal bool TryByPolicy(bool allowed, double waited = 0)
    {
        if (!allowed || !Use.MayRetry(record.Services, isBudgeted: true))
        {
            return false;
        }

        repeats.TakeByPolicy();
        exchange.DropAttached();
        Use.EndAtHost(record.Loop);
        Use.CountRetry(record.Services);
        if ((_delay ??= new RetryDelay(record.Loop, ConnectAgain)).Begin(repeats.Policy!, repeats.Tries.Count, waited, record.Services.Random))
        {
            exchange.OnPause();
        }
        else
        {
            ConnectAgain();
        }

        return true;
    }

    /// <summary>Wants no connection any more, and no other try.</summary>
    internal void Cancel()
    {
        _wait?.Abandon();
        _delay?.End();
    }

    /// <summary>Makes ready for the next request.</summary>
    internal void Reset()
    {
        _delay?.End();
        Use.Reset();
    }

    public void OnConnectionReady(IUpstreamConnection connection)
    {
        exchange.Send(connection);
        exchange.OnFlow();
    }

    public void OnConnectionFailed(string reason, ConnectionFailure failure)
    {
        if (failure is ConnectionFailure.Refused or ConnectionFailure.TimedOut)
        {
            Use.OnNoAnswer(record.Loop, failure == ConnectionFailure.TimedOut);
        }

        Use.End(record.Loop);
        exchange.OnNoConnection(reason, failure);
    }

    private void ConnectAgain()
    {
        Use.Host = destination.Choose(Use.Cluster!, ref repeats.Tries.Hosts) ?? Use.Host;
        Connect(fresh: false);
    }
}
