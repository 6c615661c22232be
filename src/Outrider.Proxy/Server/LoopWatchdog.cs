using Outrider.Filters;

namespace Outrider.Proxy.Server;

/// <summary>
/// Looks at the loops once a second and reports one that is stuck, with the name of the filter that holds it: code that
/// blocks (a lock, <c>.Result</c>, a long computation) stops every connection of its loop.
/// </summary>
internal sealed class LoopWatchdog : IDisposable
{
    private const int StuckMilliseconds = 1000;

    private readonly ProxyRuntime _runtime;
    private readonly bool[] _reported;
    private readonly Timer _timer;

    internal LoopWatchdog(ProxyRuntime runtime)
    {
        _runtime = runtime;
        _reported = new bool[runtime.Loops.Length];
        _timer = new Timer(_ => Look(), null, StuckMilliseconds, StuckMilliseconds);
    }

    public void Dispose() => _timer.Dispose();

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
