using System.Globalization;
using Outrider.Filters;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Proxy.Server;

/// <summary>
/// Keeps the process within the memory that it may have (<c>memory_limit</c>): from nine tenths of it on connections that rest close, beyond it new requests are
/// answered with 503 until there is a twentieth to spare again. Looks five times a second, off the loops.
/// </summary>
internal sealed class MemoryGuard : IDisposable
{
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(200);

    private readonly ProxyRuntime _runtime;
    private readonly Timer _timer;
    private long _limit, _collectedAt;

    /// <summary>Looks from now on, as soon as there is a limit.</summary>
    /// <param name="runtime">The loops, and what they share.</param>
    public MemoryGuard(ProxyRuntime runtime)
    {
        _runtime = runtime;
        _timer = new Timer(static guard => ((MemoryGuard)guard!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Bytes that the process may occupy; 0 for any number.</summary>
    public void Configure(long limit)
    {
        Volatile.Write(ref _limit, limit);
        if (limit == 0)
        {
            _runtime.Stats.Memory.IsShort = false;
        }

        _ = _timer.Change(limit > 0 ? TimeSpan.Zero : Timeout.InfiniteTimeSpan, limit > 0 ? s_pace : Timeout.InfiniteTimeSpan);
    }

    /// <summary>Looks no more.</summary>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        long limit = Volatile.Read(ref _limit);
        if (limit == 0)
        {
            return;
        }

        long used = RuntimeMetrics.ReadResidentBytes();
        var memory = _runtime.Stats.Memory;
        if (used > limit / 10 * 9)
        {
            _runtime.Room.OnShortOfMemory();
            Collect();
        }

        bool isShort = memory.IsShort ? used > limit / 20 * 19 : used > limit;
        if (isShort != memory.IsShort)
        {
            memory.IsShort = isShort;
            _runtime.Log.Write(isShort ? StreamLogLevel.Error : StreamLogLevel.Info, string.Create(
                CultureInfo.InvariantCulture, $"the process occupies {used} bytes and may have {limit} (memory_limit): new requests are {(isShort ? "refused" : "taken again")}"));
        }
    }

    // What nobody uses any more goes back to the system; not again and again, as a collection costs time too.
    private void Collect()
    {
        const int Pause = 10_000;
        long now = Environment.TickCount64;
        if (_collectedAt == 0 || now - _collectedAt > Pause)
        {
            _collectedAt = now;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Optimized, blocking: false);
        }
    }
}
