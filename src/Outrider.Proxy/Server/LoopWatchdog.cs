using System.Globalization;
using Outrider.Filters;
using Outrider.Net.Loops;

namespace Outrider.Proxy.Server;

/// <summary>
/// Finds loops that are stuck: one call-back (a filter that waits for a lock or for <c>.Result</c>, a long computation) that runs
/// for longer than <c>stuck_loop_timeout</c> stops every connection of its loop. It says so, and again every ten seconds, with
/// the name of the filter; lets other loops accept in the place of such a loop, the spare one where there is no other; and
/// gives back when the loop goes on. It has a thread of its own: where filters block they may well have used up the pool too.
/// </summary>
internal sealed class LoopWatchdog : IDisposable
{
    private const int RepeatMilliseconds = 10_000;
    private const int LooksInTimeout = 4;

    private readonly ProxyRuntime _runtime;
    private readonly ProxyListeners _listeners;
    private readonly LoopPulse[] _pulses;
    private readonly long[] _toldAt;
    private readonly ManualResetEventSlim _stop = new();
    private readonly int _interval;
    private readonly Thread _thread;
    private volatile int _timeout;
    private bool _disposed;

    /// <summary>Starts to look.</summary>
    /// <param name="runtime">The loops.</param>
    /// <param name="listeners">Whose sockets others take over.</param>
    /// <param name="timeout">How long one call-back may run.</param>
    internal LoopWatchdog(ProxyRuntime runtime, ProxyListeners listeners, TimeSpan timeout)
    {
        _runtime = runtime;
        _listeners = listeners;
        Timeout = timeout;
        _interval = Math.Clamp(_timeout / LooksInTimeout, 10, 250);
        _pulses = [.. runtime.Loops.Select(loop => new LoopPulse(loop, _interval))];
        _toldAt = new long[runtime.Loops.Length];
        _thread = new Thread(Watch, maxStackSize: 256 * 1024) { IsBackground = true, Name = "loop watchdog" };
        _thread.Start();
    }

    /// <summary>How long one call-back may run. A reload may change it.</summary>
    internal TimeSpan Timeout
    {
        set => _timeout = (int)Math.Min(value.TotalMilliseconds, int.MaxValue);
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private void Watch()
    {
        while (!_stop.Wait(_interval))
        {
            Look();
        }
    }

    private void Look()
    {
        long now = Environment.TickCount64;
        foreach (var loop in _runtime.Loops)
        {
            var pulse = _pulses[loop.Index];
            long before = pulse.BlockedMilliseconds;
            pulse.Look(now);
            if (pulse.BlockedMilliseconds >= _timeout)
            {
                OnStuck(loop, pulse.BlockedMilliseconds, now);
            }
            else if (_runtime.Health.IsStuck(loop))
            {
                OnRecovered(loop, before);
            }
        }

        // At each look: there may be new listeners, and other loops to help.
        foreach (var loop in _runtime.Loops)
        {
            if (_runtime.Health.IsStuck(loop))
            {
                _listeners.TakeOver(loop, Helpers());
            }
        }
    }

    private void OnStuck(EventLoop loop, long milliseconds, long now)
    {
        bool isNews = !_runtime.Health.IsStuck(loop);
        if (!isNews && now - _toldAt[loop.Index] < RepeatMilliseconds)
        {
            return;
        }

        _runtime.Health.Set(loop, true);
        _toldAt[loop.Index] = now;
        string what = loop.Activity is string filter ? $"the filter '{filter}' blocks it" : "not inside a filter";
        string help = Helpers() switch
        {
            [] => "no loop is left to accept connections in its place",
            [var only] when only == _runtime.Spare => "the spare loop accepts connections in its place",
            _ => "the other loops accept connections in its place",
        };
        _runtime.Log.Write(StreamLogLevel.Error, string.Create(CultureInfo.InvariantCulture, $"loop {loop.Index} has been stuck for {milliseconds} ms: {what}; {help}"));
    }

    private void OnRecovered(EventLoop loop, long milliseconds)
    {
        _runtime.Health.Set(loop, false);
        _listeners.GiveBack(loop);
        _runtime.Log.Write(StreamLogLevel.Warn, string.Create(CultureInfo.InvariantCulture, $"loop {loop.Index} goes on, after {milliseconds} ms"));
    }

    // The spare one only where there is no other: it shares the processors with them.
    private EventLoop[] Helpers()
    {
        EventLoop[] well = [.. _runtime.Loops.Where(loop => !_runtime.Health.IsStuck(loop))];
        return well.Length > 1 ? [.. well.Where(loop => loop != _runtime.Spare)] : well;
    }
}
