using Outrider.Filters;
using Outrider.Http.V1;
using Outrider.Net;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Telemetry;

namespace Outrider.Proxy.Server;

/// <summary>What the loops of one process share: logs, counters, limits. Made once; a reload does not change which objects these are, but for the log's level.</summary>
internal sealed class ProxyRuntime
{
    private static int s_mostLoops;

    private long _acceptFailures;

    internal ProxyRuntime(int loops, LogFiles files, ErrorLogs errorLogs, ErrorLog log)
    {
        Files = files;
        ErrorLogs = errorLogs;
        Log = log;
        int most = s_mostLoops;
        while (loops > most && Interlocked.CompareExchange(ref s_mostLoops, loops, most) is var seen && seen != most)
        {
            most = seen;
        }

        Stats = new ProxyStats(loops);
        Loops = new EventLoop[loops];
        for (int i = 0; i < loops; i++)
        {
            Loops[i] = new EventLoop(i) { UnhandledException = OnUnhandled };
        }
    }

    /// <summary>More loops than this has no proxy of this process; before there is one, what the machine has processors for.</summary>
    internal static int MostLoops => Volatile.Read(ref s_mostLoops) is > 0 and var loops ? loops : Environment.ProcessorCount;

    internal EventLoop[] Loops { get; }

    internal LogFiles Files { get; }

    internal ErrorLogs ErrorLogs { get; }

    internal ErrorLog Log { get; set; }

    internal ProxyStats Stats { get; }

    /// <summary>Runs something on every loop, and waits until it has run on all.</summary>
    internal Task OnLoopsAsync(Action<EventLoop> action) => Task.WhenAll(Loops.Select(loop => loop.InvokeAsync(() => action(loop))));

    internal void OnAcceptFailed(int error)
    {
        _ = Interlocked.Increment(ref _acceptFailures);
        Log.Write(StreamLogLevel.Error, $"cannot accept connections: {SocketErrors.Describe(error)}; trying again in 100 ms");
    }

    // A defect of the proxy itself: the connection at hand is closed, all others go on.
    private void OnUnhandled(Exception e) => Log.Write(StreamLogLevel.Error, "unexpected: " + e);
}
