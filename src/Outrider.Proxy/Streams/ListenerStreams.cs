using Outrider.Filters;
using Outrider.Net.Loops;
using Outrider.Proxy.FilterChains;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Snapshots;
using Outrider.Proxy.Streams.Records;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Proxy.Streams;

/// <summary>The streams of one listener on one loop, used and waiting to be used, with the configuration that new ones get. On the loop alone.</summary>
internal sealed class ListenerStreams
{
    private readonly StreamTraffic _traffic;
    private readonly FreeStreams _free;
    private FilterUse? _filters;

    // Those before, whose streams have not all ended.
    private readonly List<FilterUse> _retired = [];

    internal ListenerStreams(EventLoop loop, ProxyStats stats, CurrentLog log, ListenerSnapshot snapshot)
    {
        Services = new ListenerServices(loop, stats, log, snapshot);
        _traffic = new StreamTraffic(Services.Stats, Services.ListenerStats);
        _free = new FreeStreams(loop);
        Forwarding = null!;
        Apply(snapshot);
    }

    /// <summary>What streams use of where they run.</summary>
    internal ListenerServices Services { get; }

    /// <summary>What new streams begin with.</summary>
    internal ListenerSnapshot Snapshot => Services.Snapshot;

    internal ForwardingHeaders Forwarding { get; private set; }

    /// <summary>Takes another configuration; streams that run keep theirs.</summary>
    internal void Apply(ListenerSnapshot snapshot)
    {
        Use(snapshot);
        var limits = snapshot.Configuration.Proxy.Limits;
        Forwarding = new ForwardingHeaders(limits.Forwarding, Services.Random);
        Services.OpenAccessLogs();
    }

    /// <summary>New streams are routed by this one's table; in all else it is the one of before. Streams that run keep theirs.</summary>
    internal void ApplyRoutes(ListenerSnapshot snapshot) => Use(snapshot);

    /// <summary>No stream begins any more; the filters' configurations go with the last one.</summary>
    internal void Retire() => _filters!.Retire();

    /// <summary>Ends the streams that began with a configuration of before, if one of its filters' factories is meant.</summary>
    /// <returns>How many there were.</returns>
    internal int EndOldStreams(Predicate<IStreamFilterFactory> isMeant, string reason)
    {
        return _retired.FindAll(use => Array.Exists(use.Filters.Factories, isMeant)).Sum(use => use.EndStreams(reason));
    }

    /// <summary>A stream for the next request: <see cref="Return"/> gives it back.</summary>
    internal ProxyStream Rent()
    {
        var stream = _free.Take() ?? new ProxyStream(this, Snapshot, _filters!);
        stream.Renew();
        return stream;
    }

    /// <summary>The stream has ended. One of an older configuration goes.</summary>
    internal void Return(ProxyStream stream)
    {
        if (stream.Record.Snapshot == Snapshot)
        {
            _free.Add(stream);
        }
        else
        {
            // With its last stream goes what its filters are made of.
            _ = _retired.RemoveAll(static use => use.IsOver);
        }
    }

    /// <summary>A number for the next stream, which no other one of the process has had.</summary>
    // The loop's streams are counted over all of its listeners.
    internal long NextStreamId() => ((long)Services.Loop.Index << 48) | (Services.Stats.StreamsTotal + 1);

    internal void OnStreamBegan() => _traffic.Began();

    internal void OnStreamEnded(ProxyStream stream)
    {
        _traffic.Ended(stream.Record);
        Services.WriteAccessLog(stream.LogSource);
    }

    internal void OnStreamRefused(ProxyStream stream)
    {
        _traffic.Refused(stream.Record);
        Services.WriteAccessLog(stream.LogSource);
    }

    private void Use(ListenerSnapshot snapshot)
    {
        var before = _filters;
        _filters = new FilterUse(snapshot.Filters);
        before?.Retire();
        if (before is { IsOver: false })
        {
            _retired.Add(before);
        }

        Services.Use(snapshot);
        _free.Clear();
    }
}
