using Outrider.Net.Listening;
using Outrider.Net.Loops;
using Outrider.Net.Transports;
using Outrider.Proxy.Tcp;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;
using Outrider.Upstream;

namespace Outrider.Proxy.Server;

/// <summary>Asks each loop what waits on its connections, which it alone may look at.</summary>
internal static class BufferedOnLoops
{
    // A loop that is stuck answers nobody, and its share is missing.
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(200);

    /// <summary>What all of them have.</summary>
    internal static async Task<BufferedBytes> SumAsync(IReadOnlyList<EventLoop> loops)
    {
        var sum = new BufferedBytes();
        var asked = loops.Select(loop => (Bytes: new BufferedBytes(), Loop: loop)).Select(one => (one.Bytes, Done: one.Loop.InvokeAsync(() => Look(one.Loop, one.Bytes)))).ToList();
        _ = await Task.WhenAny(Task.WhenAll(asked.Select(one => one.Done)), Task.Delay(s_patience)).ConfigureAwait(false);
        foreach (var (bytes, done) in asked.Where(static one => one.Done.IsCompletedSuccessfully))
        {
            sum.Add(bytes);
        }

        return sum;
    }

    private static void Look(EventLoop loop, BufferedBytes bytes)
    {
        foreach (var transport in loop.Transports())
        {
            switch (transport.Handler.Owner)
            {
                case IConnectionOwner listener:
                    BufferedBytes.Add(bytes.Listeners, listener.ListenerName, transport.PendingInput, transport.PendingOutput + ((transport.Handler as TcpSession)?.WaitingForClient ?? 0));
                    break;
                case IClusterConnection upstream:
                    BufferedBytes.Add(bytes.Clusters, upstream.ClusterName, transport.PendingInput, transport.PendingOutput + ((transport.Handler as TcpUpstream)?.WaitingForHost ?? 0));
                    break;
            }
        }
    }
}
