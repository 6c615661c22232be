using System.Globalization;
using System.Runtime.InteropServices;
using Outrider.Filters;
using Outrider.Net.Descriptors;
using Outrider.Net.Loops;
using Outrider.Proxy.Logging;
using Outrider.Upstream;

namespace Outrider.Proxy.Server;

/// <summary>
/// Closes connections that rest, where others have to wait for a place: pooled ones to upstreams, which are made again when they
/// are wanted, and clients' that have been silent for a second, the longest silent first. Where none rests, one of those that are busy ends
/// with its next response (HTTP/1). Tells in the log that somebody waits.
/// </summary>
/// <param name="runtime">The loops.</param>
internal sealed class RoomMaker(ProxyRuntime runtime)
{
    // A connection that was just made, or has just had its answer, may have its next request on the way.
    private const int LeastRest = 1000;

    // What one loop accepts in a row.
    private const int MaxAtOnce = 64;

    // Connections to upstreams that wait are requests of clients who are in.
    private const int MaxConnects = 512;

    // Loops that wait ask again every 50 ms; the others need not hear each of them.
    private const int AskOthersMilliseconds = 50;

    // To look at all connections takes a loop with ten thousand about a millisecond: not for each one that waits.
    private const int AskAgainMilliseconds = 10;

    private readonly List<ListenerLoop>[] _listeners = [.. runtime.Loops.Select(_ => new List<ListenerLoop>())];
    private readonly LineLimit[] _lines = [.. Enum.GetValues<WaitReason>().Select(_ => new LineLimit(lines: 1))];

    // The loops' times when room was last asked for: for a listener's clients, and for connections to upstreams.
    private readonly Dictionary<ListenerLoop, long>[] _listenersAskedAt = [.. runtime.Loops.Select(_ => new Dictionary<ListenerLoop, long>())];
    private readonly long[] _connectsAskedAt = [.. runtime.Loops.Select(_ => long.MinValue / 2)];
    private long _othersAskedAt;

    /// <summary>The clusters in force, whose pools may be emptied. Any thread.</summary>
    internal Func<ClusterSet> Clusters { private get; set; } = static () => ClusterSet.Empty;

    /// <summary>A listener accepts on a loop. On the loop.</summary>
    internal void Add(ListenerLoop listener) => _listeners[listener.Loop.Index].Add(listener);

    /// <summary>It does not any more, and has no connection left. On the loop.</summary>
    internal void Remove(ListenerLoop listener)
    {
        _ = _listeners[listener.Loop.Index].Remove(listener);
        _ = _listenersAskedAt[listener.Loop.Index].Remove(listener);
    }

    /// <summary>A client waits to be accepted. On the listener's loop.</summary>
    internal void OnWaiting(ListenerLoop listener, WaitReason reason)
    {
        Tell(reason, reason switch
        {
            WaitReason.ListenerLimit => string.Create(CultureInfo.InvariantCulture, $"listener '{listener.Name}' has as many connections as it may have ({listener.MaxConnections})"),
            WaitReason.ProcessLimit => string.Create(CultureInfo.InvariantCulture, $"the process has as many connections as it may have (max_connections {runtime.Connections.Max}, {runtime.Connections.Room} descriptors for them and for upstreams)"),
            _ => string.Create(CultureInfo.InvariantCulture, $"the process is short of descriptors (it may have {DescriptorBudget.Process.Limit})"),
        } + ": new ones wait");
        ref long askedAt = ref CollectionsMarshal.GetValueRefOrAddDefault(_listenersAskedAt[listener.Loop.Index], listener, out bool hasAsked);
        askedAt = hasAsked ? askedAt : long.MinValue / 2;
        if (!IsTooSoon(listener.Loop, ref askedAt))
        {
            Ask(listener.Loop, reason == WaitReason.ListenerLimit ? listener.Name : null, pools: reason == WaitReason.Descriptors, places: true, MaxAtOnce);
        }
    }

    /// <summary>Connections to upstreams wait for descriptors: no more of those that rest are closed than there are. On the loop.</summary>
    /// <param name="loop">Whose they are.</param>
    /// <param name="count">How many.</param>
    internal void OnConnectWaiting(EventLoop loop, int count)
    {
        Tell(WaitReason.Descriptors, string.Create(CultureInfo.InvariantCulture, $"the process is short of descriptors (it may have {DescriptorBudget.Process.Limit}): connections to upstreams wait"));
        if (!IsTooSoon(loop, ref _connectsAskedAt[loop.Index]))
        {
            Ask(loop, null, pools: true, places: false, Math.Min(count, MaxConnects));
        }
    }

    /// <summary>The process is short of memory: what rests closes, on all loops. Any thread.</summary>
    internal void OnShortOfMemory()
    {
        foreach (var loop in runtime.Loops)
        {
            if (!runtime.Health.IsStuck(loop))
            {
                loop.Post(_ => MakeRoom(loop, null, pools: true, places: false, MaxAtOnce), null);
            }
        }
    }

    // Who still waits asks again, so that nothing is lost with what is left out.
    private static bool IsTooSoon(EventLoop loop, ref long askedAt)
    {
        bool isTooSoon = loop.Now - askedAt < AskAgainMilliseconds;
        askedAt = isTooSoon ? askedAt : loop.Now;
        return isTooSoon;
    }

    private void Ask(EventLoop loop, string? only, bool pools, bool places, int most)
    {
        MakeRoom(loop, only, pools, places, most);
        long now = Environment.TickCount64;
        long asked = Volatile.Read(ref _othersAskedAt);
        if (now - asked < AskOthersMilliseconds || Interlocked.CompareExchange(ref _othersAskedAt, now, asked) != asked)
        {
            return;
        }

        foreach (var other in runtime.Loops)
        {
            if (other != loop && !runtime.Health.IsStuck(other))
            {
                other.Post(_ => MakeRoom(other, only, pools, places, most), null);
            }
        }
    }

    private void MakeRoom(EventLoop loop, string? only, bool pools, bool places, int most)
    {
        if (pools)
        {
            foreach (var cluster in Clusters().Clusters)
            {
                foreach (var host in cluster.Hosts.Hosts)
                {
                    (host.On(loop.Index).Pool as ConnectionPool)?.CloseIdle();
                }
            }
        }

        int left = most;
        foreach (var listener in _listeners[loop.Index])
        {
            if (only is null || listener.Name == only)
            {
                left -= listener.CloseResting(LeastRest, left);
            }
        }

        if (places && left == most)
        {
            // None rests: a client that waits would do so for as long as the others keep asking. Places go round, one each time.
            foreach (var listener in _listeners[loop.Index])
            {
                if (only is null || listener.Name == only)
                {
                    listener.WantPlace();
                }
            }
        }
    }

    private void Tell(WaitReason reason, string message)
    {
        if (_lines[(int)reason].TryTake(Environment.TickCount64, out long leftOut))
        {
            runtime.Log.Write(StreamLogLevel.Warn, message + LineLimit.Note(leftOut));
        }
    }
}
