using System.Net.Sockets;
using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Proxy.Snapshots;

namespace Outrider.Proxy.Server;

/// <summary>
/// The listeners of a running proxy: those that accept, and those that a reload has taken away, whose connections take
/// their time. Used by the thread that starts, reloads and stops.
/// </summary>
internal sealed class ProxyListeners(ProxyRuntime runtime) : IDisposable
{
    private readonly Dictionary<string, ProxyListener> _accepting = new(StringComparer.Ordinal);
    private readonly List<ProxyListener> _leaving = [];

    // For the watchdog, which is another thread.
    private volatile ProxyListener[] _shared = [];

    /// <summary>Those that accept.</summary>
    internal IReadOnlyCollection<ProxyListener> Accepting => _accepting.Values;

    /// <summary>Takes the addresses that are not listened on yet. It accepts nothing there before <see cref="ProxyListener.Start"/>.</summary>
    /// <exception cref="IOException">An address cannot be had; the message says which. None was taken.</exception>
    internal IReadOnlyList<ProxyListener> OpenMissing(IReadOnlyList<ListenerSnapshot> snapshots)
    {
        var opened = new List<ProxyListener>();
        try
        {
            foreach (var snapshot in snapshots.Where(snapshot => !_accepting.ContainsKey(KeyOf(snapshot))))
            {
                opened.Add(Open(snapshot));
            }

            return opened;
        }
        catch
        {
            Forget(opened);
            throw;
        }
    }

    /// <summary>Gives back the addresses of listeners that have not started.</summary>
    internal void Forget(IReadOnlyList<ProxyListener> opened)
    {
        foreach (var listener in opened)
        {
            _ = _accepting.Remove(KeyOf(listener.Snapshot));
            _shared = [.. _accepting.Values];
            listener.Dispose();
        }
    }

    /// <summary>What has to happen for these snapshots, and no others, to be in force: some start, some go, the others get theirs.</summary>
    /// <param name="snapshots">One for each listener.</param>
    /// <param name="opened">Those that were opened for them.</param>
    internal ListenerChanges Plan(IReadOnlyList<ListenerSnapshot> snapshots, IReadOnlyList<ProxyListener> opened)
    {
        var kept = snapshots.ToDictionary(KeyOf, StringComparer.Ordinal);
        var changes = new ListenerChanges();
        changes.Opened.AddRange(opened);
        foreach (var (key, listener) in _accepting)
        {
            if (!kept.TryGetValue(key, out var snapshot))
            {
                changes.Gone.Add(listener);
            }
            else if (!opened.Contains(listener))
            {
                changes.Changed.Add((listener, snapshot));
            }
        }

        return changes;
    }

    /// <summary>The changes are about to be made on the loops, and nothing can keep them from it.</summary>
    internal void Begin(ListenerChanges changes)
    {
        changes.Begin();
        foreach (var listener in changes.Gone)
        {
            _ = _accepting.Remove(KeyOf(listener.Snapshot));
        }

        _shared = [.. _accepting.Values];
    }

    /// <summary>The changes have been made on all loops but those that are stuck.</summary>
    /// <param name="changes">The changes.</param>
    /// <param name="late">What the stuck ones have yet to do.</param>
    internal void End(ListenerChanges changes, IReadOnlyList<Task> late)
    {
        ForgetEmpty();
        foreach (var listener in changes.Gone)
        {
            listener.OnDrained(late);
            _leaving.Add(listener);
        }
    }

    /// <summary>Ends the streams that began with a configuration of before, if one of its filters' factories is meant; of listeners that are gone, too.</summary>
    /// <returns>How many there were.</returns>
    internal async Task<int> EndOldStreamsAsync(Predicate<IStreamFilterFactory> isMeant, string reason)
    {
        var all = _accepting.Values.Concat(_leaving).ToArray();
        int ended = 0;
        _ = await runtime.OnLoopsAsync(loop => Interlocked.Add(ref ended, all.Sum(listener => listener.EndOldStreams(loop, isMeant, reason)))).ConfigureAwait(false);
        return ended;
    }

    /// <summary>Accepts no more, lets what runs end for as long as <paramref name="patience"/> says, then closes what is left.</summary>
    /// <param name="patience">How long what runs may take.</param>
    /// <param name="wait">How long connections are accepted before that.</param>
    internal async Task StopAsync(TimeSpan patience, TimeSpan wait = default)
    {
        if (wait > TimeSpan.Zero)
        {
            _ = await runtime.OnLoopsAsync(loop =>
            {
                foreach (var listener in _accepting.Values)
                {
                    listener.BecomeLame(loop);
                }
            }).ConfigureAwait(false);
            await Task.Delay(wait).ConfigureAwait(false);
        }

        ForgetEmpty();
        var all = _accepting.Values.Concat(_leaving).ToList();
        var late = await runtime.OnLoopsAsync(loop =>
        {
            foreach (var listener in _accepting.Values)
            {
                listener.Drain(loop);
            }
        }).ConfigureAwait(false);
        foreach (var listener in _accepting.Values)
        {
            listener.OnDrained(late);
        }

        long end = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        while (all.Sum(listener => listener.ConnectionCount) > 0 && Environment.TickCount64 < end)
        {
            await Task.Delay(20).ConfigureAwait(false);
        }

        foreach (var listener in all)
        {
            await listener.CloseAllAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Lets loops accept in the place of one that is stuck. The watchdog's thread; may be repeated.</summary>
    internal void TakeOver(Net.Loops.EventLoop stuck, IReadOnlyList<Net.Loops.EventLoop> helpers) => Array.ForEach(_shared, listener => listener.TakeOver(stuck, helpers));

    /// <summary>The loop goes on by itself. The watchdog's thread.</summary>
    internal void GiveBack(Net.Loops.EventLoop recovered) => Array.ForEach(_shared, listener => listener.GiveBack(recovered));

    public void Dispose()
    {
        foreach (var listener in _accepting.Values)
        {
            listener.Dispose();
        }
    }

    /// <summary>Would both listen at one address, or be one listener where the system chooses the port?</summary>
    internal static bool HaveSameAddress(ListenerConfiguration one, ListenerConfiguration other) => KeyOf(one) == KeyOf(other);

    // What makes a listener the same one in the next configuration: its address, or its name where the system chooses the port.
    private static string KeyOf(ListenerSnapshot snapshot) => KeyOf(snapshot.Configuration);

    private static string KeyOf(ListenerConfiguration configuration) => configuration.EndPoint is System.Net.IPEndPoint { Port: 0 } any
        ? $"{any} {configuration.Name}"
        : configuration.EndPoint.ToString()!;

    private ProxyListener Open(ListenerSnapshot snapshot)
    {
        try
        {
            var listener = new ProxyListener(runtime, snapshot);
            _accepting.Add(KeyOf(snapshot), listener);
            _shared = [.. _accepting.Values];
            return listener;
        }
        catch (SocketException e)
        {
            throw new IOException($"listener '{snapshot.Configuration.Name}' cannot listen on {snapshot.Configuration.Address}: {e.Message}", e);
        }
    }

    private void ForgetEmpty() => _leaving.RemoveAll(listener => listener.ConnectionCount == 0);
}
