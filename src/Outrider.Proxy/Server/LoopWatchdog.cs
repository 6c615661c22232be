using Outrider.Filters;

namespace Outrider.Proxy.Server;

/// <summary>
/// Looks at the loops once a second and reports one that is stuck, with the name of the filter that holds it: code that
/// blocks (a lock, <c>.Result</c>, a long computation) stops every connection of its loop. It has a thread of its own:
/// where filters block they may well have used up the thread pool too.
/// </summary>
internal sealed class LoopWatchdog : IDisposable
{
    private const int StuckMilliseconds = 1000;

    private readonly ProxyRuntime _runtime;
    private readonly bool[] _reported;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;

    internal LoopWatchdog(ProxyRuntime runtime)
    {
        _runtime = runtime;
        _reported = new bool[runtime.Loops.Length];
        _thread = new Thread(Watch, maxStackSize: 256 * 1024) { IsBackground = true, Name = "loop watchdog" };
        _thread.Start();
    }

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private void Watch()
    {
        while (!_stop.Wait(StuckMilliseconds))
        {
            Look();
        }
    }

    private void Look()
    {
        for (int i = 0; i < _runtime.Loops.Length; i++)
        {
            var loop = _runtime.Loops[i];
            bool stuck = loop.BusyMilliseconds >= StuckMilliseconds;
            if (stuck && !_reported[i])
            {
                string what = loop.Activity is string filter ? $"the filter '{filter}' blocks it" : "not inside a filter";
                _runtime.Log.Write(StreamLogLevel.Error, $"loop {i} has been stuck for {loop.BusyMilliseconds} ms: {what}");
            }

            _reported[i] = stuck;
        }
    }
}
