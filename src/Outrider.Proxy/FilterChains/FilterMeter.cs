using System.Diagnostics;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Proxy.FilterChains;

/// <summary>
/// Measures the calls into filters of one direction of a stream, one call at a time (<c>filter_costs</c>). On the loop.
/// </summary>
/// <param name="filters">Where the costs of each filter of the chain go.</param>
internal sealed class FilterMeter(FilterLoopCosts[] filters)
{
    private FilterLoopCosts? _filter;
    private FilterPhase _phase;
    private long _began, _allocated, _waitsSince;
    private bool _isInside;

    /// <summary>A filter is called.</summary>
    internal void Begin(int filter, FilterPhase phase)
    {
        _filter = filters[filter];
        _phase = phase;
        _filter[phase].Calls++;
        _isInside = true;
        _allocated = GC.GetAllocatedBytesForCurrentThread();
        _began = Stopwatch.GetTimestamp();
    }

    /// <summary>The call has returned, or thrown.</summary>
    internal void End()
    {
        if (!_isInside)
        {
            return;
        }

        _isInside = false;
        ref var cost = ref _filter![_phase];
        cost.Ticks += Stopwatch.GetTimestamp() - _began;
        cost.AllocatedBytes += GC.GetAllocatedBytesForCurrentThread() - _allocated;
    }

    /// <summary>The call is not done yet.</summary>
    internal void Wait() => _waitsSince = Stopwatch.GetTimestamp();

    /// <summary>It is done.</summary>
    /// <param name="failed">It has thrown, which <see cref="Fail"/> is not told of.</param>
    internal void Resume(bool failed = false)
    {
        if (_filter is null)
        {
            return;
        }

        ref var cost = ref _filter[_phase];
        cost.WaitTicks += Stopwatch.GetTimestamp() - _waitsSince;
        cost.Errors += failed ? 1 : 0;
    }

    /// <summary>The last call has thrown, or answered what it may not.</summary>
    internal void Fail()
    {
        if (_filter is not null)
        {
            _filter[_phase].Errors++;
        }
    }
}
