using Outrider.Filters;
using Outrider.Net.Loops;
using Outrider.Net.Sockets;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Proxy.Server;

/// <summary>What the loops of one process share: logs, counters, limits. Made once; a reload does not change which objects these are, but for the log's level.</summary>
internal sealed class ProxyRuntime
{
    private static int s_mostLoops;

    private readonly LineLimit _acceptFailures = new(lines: 1);

    internal ProxyRuntime(int loops, LogFiles files, ErrorLogs errorLogs, ErrorLog log)
    {
        Files = files;
        ErrorLogs = errorLogs;
        CurrentLog = new CurrentLog(log);
        WorkingLoops = loops;
        loops++;
        int most = s_mostLoops;
        while (loops > most && Interlocked.CompareExchange(ref s_mostLoops, loops, most) is var seen && seen != most)
        {
            most = seen;
        }

        Stats = new ProxyStats(loops);
        Loops = new EventLoop[loops];
        for (int i = 0; i < loops; i++)
        {
            Loops[i] = NewLoop(i);
        }

        Health = new LoopHealth(loops, (level, message) => Log.Write(level, message));
        Connections = new ProcessConnections(Net.Descriptors.DescriptorBudget.Process, Stats);
        Room = new RoomMaker(this);
    }

    /// <summary>More loops than this has no proxy of this process; before there is one, what the machine has processors for.</summary>
    internal static int MaxLoops => Volatile.Read(ref s_mostLoops) is > 0 and var loops ? loops : Environment.ProcessorCount;

    /// <summary>All loops: those that have listening sockets of their own, and behind them the spare one.</summary>
    internal EventLoop[] Loops { get; }

    /// <summary>How many loops have listening sockets of their own.</summary>
    internal int WorkingLoops { get; }

    /// <summary>
    /// Does nothing until every other loop is stuck; then it accepts in their place. It runs from the start: a thread that is made
    /// in an emergency may not come to be.
    /// </summary>
    internal EventLoop Spare => Loops[^1];

    /// <summary>Which loops are stuck.</summary>
    internal LoopHealth Health { get; }

    /// <summary>How many clients' connections there may be.</summary>
    internal ProcessConnections Connections { get; }

    /// <summary>Makes room where connections have to wait.</summary>
    internal RoomMaker Room { get; }

    internal LogFiles Files { get; }

    internal ErrorLogs ErrorLogs { get; }

    /// <summary>The error log, for whoever writes to the one of the last configuration.</summary>
    internal CurrentLog CurrentLog { get; }

    internal ErrorLog Log
    {
        get => CurrentLog.Log;
        set => CurrentLog.Log = value;
    }

    internal ProxyStats Stats { get; }

    /// <summary>Runs something on every loop, and waits until it has run on all that are not stuck.</summary>
    /// <returns>What is still to run, on loops that are stuck; it does when they go on.</returns>
    internal async Task<IReadOnlyList<Task>> OnLoopsAsync(Action<EventLoop> action)
    {
        var runs = Array.ConvertAll(Loops, loop => (Loop: loop, Task: loop.InvokeAsync(() => action(loop))));
        var late = new List<Task>();
        foreach (var (loop, task) in runs)
        {
            if (!await Health.WaitAsync(loop, task).ConfigureAwait(false))
            {
                late.Add(task);
            }
        }

        return late;
    }

    internal void OnAcceptFailed(int error)
    {
        if (_acceptFailures.TryTake(Environment.TickCount64, out long leftOut))
        {
            Log.Write(StreamLogLevel.Error, $"cannot accept connections: {SocketErrors.Describe(error)}; trying again{LineLimit.Note(leftOut)}");
        }
    }

    private EventLoop NewLoop(int index)
    {
        var loop = new EventLoop(index, index == WorkingLoops ? "loop-spare" : null) { UnhandledException = OnUnhandled };
        loop.OutOfDescriptors = isNew =>
        {
            if (isNew)
            {
                Stats[index].UpstreamConnectsWaited++;
            }

            Room.OnConnectWaiting(loop, isNew ? 1 : loop.ConnectsWaiting);
        };
        return loop;
    }

    // A defect of the proxy itself: the connection at hand is closed, all others go on.
    private void OnUnhandled(Exception e) => Log.Write(StreamLogLevel.Error, "unexpected: " + e);
}
