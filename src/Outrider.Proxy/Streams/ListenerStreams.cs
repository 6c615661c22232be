using System.Globalization;
using Outrider.Filters;
using Outrider.Net.Loops;
using Outrider.Proxy.FilterChains;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Logging.AccessLog;
using Outrider.Proxy.Snapshots;
using Outrider.Proxy.Telemetry;
using Outrider.Proxy.Upstream;
using Outrider.Proxy.Upstream.Hosts;

namespace Outrider.Proxy.Streams;

/// <summary>
/// The streams of one listener on one loop, used and waiting to be used, and what they need of where they run: the configuration that
/// new ones get, counters, logs, connections to hosts. All but <see cref="LogOf"/> on the loop alone.
/// </summary>
internal sealed class ListenerStreams
{
    private readonly ProxyStats _stats;
    private readonly CurrentLog _log;
    private readonly StreamTraffic _traffic;
    private readonly FreeStreams _free;
    private readonly DateValue _date;
    private readonly LineLimit _connectFailures = new();
    private AccessLogWriter[] _accessLogs = [];
    private FilterUse? _filters;

    // Those before, whose streams have not all ended.
    private readonly List<FilterUse> _retired = [];

    internal ListenerStreams(EventLoop loop, ProxyStats stats, CurrentLog log, ListenerSnapshot snapshot)
    {
        Loop = loop;
        _stats = stats;
        _log = log;
        Stats = stats[loop.Index];
        ListenerStats = stats.Listener(snapshot.Configuration.Name)[loop.Index];
        _traffic = new StreamTraffic(Stats, ListenerStats);
        _free = new FreeStreams(loop);
        _date = new DateValue(loop);
        Random = LoopRandom.Create();
        Snapshot = snapshot;
        Forwarding = null!;
        Apply(snapshot);
    }

    internal EventLoop Loop { get; }

    /// <summary>The loop's numbers.</summary>
    internal LoopStats Stats { get; }

    /// <summary>The listener's numbers on this loop.</summary>
    internal ListenerLoopStats ListenerStats { get; }

    internal LoopRandom Random { get; }

    /// <summary>What new streams begin with.</summary>
    internal ListenerSnapshot Snapshot { get; private set; }

    internal ForwardingHeaders Forwarding { get; private set; }

    /// <summary>The listener's name.</summary>
    internal string Name => Snapshot.Configuration.Name;

    /// <summary>Requests of filters that a stream may have under way (<c>max_callouts</c>).</summary>
    internal int MaxCallouts => Snapshot.Configuration.Proxy.Limits.MaxCallouts;

    internal int MaxBufferedBody => Snapshot.Configuration.Proxy.Limits.MaxBufferedBodySize;

    /// <summary>How long a filter may take, in milliseconds.</summary>
    internal int FilterTimeout => (int)Snapshot.Configuration.Proxy.Limits.FilterTimeout.TotalMilliseconds;

    /// <summary>What filters' own requests are sent in.</summary>
    internal UpstreamProtocol CalloutProtocol => Snapshot.UpstreamProtocol;

    /// <summary>How long a peer may take nothing of what is sent to it, in milliseconds.</summary>
    internal int SendTimeout => Snapshot.Limits.SendTimeout;

    /// <summary>Is there an access log, which may ask for addresses after the connections are gone?</summary>
    internal bool HasAccessLogs => _accessLogs.Length > 0;

    /// <summary>The value of <c>Date</c> now (RFC 9110 §6.6.1); made once a second.</summary>
    internal ReadOnlySpan<byte> DateValue() => _date.Now;

    /// <summary>Takes another configuration; streams that run keep theirs.</summary>
    internal void Apply(ListenerSnapshot snapshot)
    {
        Use(snapshot);
        var limits = snapshot.Configuration.Proxy.Limits;
        Forwarding = new ForwardingHeaders(limits.Forwarding, Random);
        foreach (var log in _accessLogs)
        {
            log.Close();
        }

        _accessLogs = [.. snapshot.AccessLogs.Where(log => log.File is not null).Select(log => new AccessLogWriter(log.Format, log.File!.OpenLane()))];
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
        if (_free.Take() is { } stream)
        {
            stream.Renew();
        }
        else
        {
            stream = new ProxyStream(this, Snapshot, _filters!);
        }

        _filters!.Begin(stream);
        return stream;
    }

    /// <summary>The stream has ended. One of an older configuration goes.</summary>
    internal void Return(ProxyStream stream)
    {
        if (stream.Snapshot == Snapshot)
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
    internal long NextStreamId() => ((long)Loop.Index << 48) | (Stats.StreamsTotal + 1);

    /// <summary>This loop's connections to a host.</summary>
    internal ConnectionPool PoolFor(UpstreamHost host, Cluster cluster)
    {
        ref var state = ref host.On(Loop.Index);
        if (state.Pool is not ConnectionPool pool)
        {
            return NewPool(ref state, host, cluster);
        }

        pool.Configure(cluster);
        return pool;
    }

    /// <summary>Requests of a cluster that have not ended, on all loops. For what is rare.</summary>
    internal long ActiveRequestsOf(Cluster cluster) => _stats.Cluster(cluster.Name).RequestsActive();

    /// <summary>Has the process used up its memory? Then this is counted as a refusal.</summary>
    internal bool IsShortOfMemory()
    {
        if (!_stats.Memory.IsShort)
        {
            return false;
        }

        _stats.Memory.Refuse();
        return true;
    }

    internal void OnStreamBegan() => _traffic.Began();

    internal void OnStreamEnded(ProxyStream stream)
    {
        _traffic.Ended(stream);
        WriteAccessLog(stream.Context);
    }

    internal void OnStreamRefused(ProxyStream stream)
    {
        _traffic.Refused(stream);
        WriteAccessLog(stream.Context);
    }

    internal void OnConnectFailed(UpstreamHost host, string reason)
    {
        if (IsLogged(StreamLogLevel.Warn) && _connectFailures.TryTake(Environment.TickCount64, out long leftOut))
        {
            Log(StreamLogLevel.Warn, null, $"upstream {host}: {reason}{LineLimit.Note(leftOut)}");
        }
    }

    internal void OnFilterError(ProxyStream stream, string filter, Exception e)
    {
        Stats.FilterErrors++;
        Log(StreamLogLevel.Error, stream, $"filter '{filter}' on listener '{Name}': {e}");
    }

    /// <summary>Writes a line to each access log.</summary>
    internal void WriteAccessLog(IAccessLogSource source)
    {
        foreach (var log in _accessLogs)
        {
            log.Write(source);
        }
    }

    internal bool IsLogged(StreamLogLevel level) => _log.Log.IsEnabled(level);

    internal void Log(StreamLogLevel level, ProxyStream? stream, string message)
    {
        if (stream is not null)
        {
            LogOf(stream.Id, level, message);
        }
        else if (IsLogged(level))
        {
            _log.Log.Write(level, message);
        }
    }

    /// <summary>Writes a line about a stream, which may have ended. Any thread.</summary>
    internal void LogOf(long stream, StreamLogLevel level, string message)
    {
        if (IsLogged(level))
        {
            _log.Log.Write(level, string.Create(CultureInfo.InvariantCulture, $"[{stream:x}] {message}"));
        }
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

        Snapshot = snapshot;
        _free.Clear();
    }

    private ConnectionPool NewPool(ref LoopHostState state, UpstreamHost host, Cluster cluster)
    {
        var pool = new ConnectionPool(Loop, host, cluster, Stats, _stats.Cluster(cluster.Name)[Loop.Index]);
        state.Pool = pool;
        return pool;
    }
}
