using System.Globalization;
using Outrider.Filters;
using Outrider.Net.Loops;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Logging.AccessLog;
using Outrider.Proxy.Snapshots;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;
using Outrider.Upstream;
using Outrider.Upstream.Hosts;

namespace Outrider.Proxy.Streams.Records;

/// <summary>What the streams of one listener on one loop need of where they run: counters, logs, limits, connections to hosts. All but <see cref="LogOf"/> on the loop alone.</summary>
internal sealed class ListenerServices
{
    private readonly ProxyStats _stats;
    private readonly CurrentLog _log;
    private readonly DateValue _date;
    private readonly LineLimit _connectFailures = new(), _shed = new();
    private AccessLogWriter[] _accessLogs = [];

    internal ListenerServices(EventLoop loop, ProxyStats stats, CurrentLog log, ListenerSnapshot snapshot)
    {
        Loop = loop;
        _stats = stats;
        _log = log;
        Stats = stats[loop.Index];
        ListenerStats = stats.Listener(snapshot.Configuration.Name)[loop.Index];
        _date = new DateValue(loop);
        Random = LoopRandom.Create();
        Snapshot = snapshot;
    }

    internal EventLoop Loop { get; }

    /// <summary>The loop's numbers.</summary>
    internal LoopStats Stats { get; }

    /// <summary>The listener's numbers on this loop.</summary>
    internal ListenerLoopStats ListenerStats { get; }

    internal LoopRandom Random { get; }

    /// <summary>What new streams begin with.</summary>
    internal ListenerSnapshot Snapshot { get; private set; }

    /// <summary>Where new streams count what each filter costs; null where that is not wanted.</summary>
    internal FilterLoopCosts[]? FilterCosts { get; private set; }

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

    /// <summary>New streams begin with another configuration; access logs stay.</summary>
    internal void Use(ListenerSnapshot snapshot)
    {
        Snapshot = snapshot;
        FilterCosts = snapshot.Configuration.FilterCosts ? Array.ConvertAll(snapshot.Filters.Names, name => _stats.FilterCosts(Name, name)[Loop.Index]) : null;
    }

    /// <summary>Opens the access logs of the configuration, and closes those of before.</summary>
    internal void OpenAccessLogs()
    {
        foreach (var log in _accessLogs)
        {
            log.Close();
        }

        _accessLogs = [.. Snapshot.AccessLogs.Where(log => log.File is not null).Select(log => new AccessLogWriter(log.Format, log.File!.OpenLane()))];
    }

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

    /// <summary>Why a new request is refused, and counted as that: the process has used up its memory, or the loop is behind with its work.</summary>
    /// <param name="stream">The request's number, for the log.</param>
    internal ResponseFlags Refuse(long stream)
    {
        if (_stats.Memory.IsShort)
        {
            _stats.Memory.Refuse();
            return ResponseFlags.UpstreamOverflow;
        }

        if (!Loop.IsLate)
        {
            return ResponseFlags.None;
        }

        _stats.Overload.Refuse();
        if (IsLogged(StreamLogLevel.Warn) && _shed.TryTake(Environment.TickCount64, out long leftOut))
        {
            LogOf(stream, StreamLogLevel.Warn, $"loop {Loop.Index} has more to do than it can: a request that has waited for more than {Loop.MaxDelay} ms is refused (overload_delay){LineLimit.Note(leftOut)}");
        }

        return ResponseFlags.Overloaded;
    }

    internal void OnConnectFailed(UpstreamHost host, string reason)
    {
        if (IsLogged(StreamLogLevel.Warn) && _connectFailures.TryTake(Environment.TickCount64, out long leftOut))
        {
            Log(StreamLogLevel.Warn, $"upstream {host}: {reason}{LineLimit.Note(leftOut)}");
        }
    }

    /// <summary>A filter of a stream threw.</summary>
    internal void OnFilterError(long stream, string filter, Exception e)
    {
        Stats.FilterErrors++;
        LogOf(stream, StreamLogLevel.Error, $"filter '{filter}' on listener '{Name}': {e}");
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

    /// <summary>Writes a line that is about no stream.</summary>
    internal void Log(StreamLogLevel level, string message)
    {
        if (IsLogged(level))
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

    private ConnectionPool NewPool(ref LoopHostState state, UpstreamHost host, Cluster cluster)
    {
        var pool = new ConnectionPool(Loop, host, cluster, Stats, _stats.Cluster(cluster.Name)[Loop.Index]);
        state.Pool = pool;
        return pool;
    }
}
