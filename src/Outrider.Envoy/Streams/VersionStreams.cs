using System.Runtime.CompilerServices;

namespace Outrider.Envoy.Streams;

/// <summary>Which streams each version of filters' code has, over all configurations, so that those of a version that is too old can be ended. Any thread.</summary>
internal sealed class VersionStreams
{
    // Neither a version nor its streams live longer by it: a stream is held by the host that has not ended it.
    private readonly ConditionalWeakTable<object, List<WeakReference<StreamRoster>>> _rosters = [];

    /// <summary>A configuration is in force by a version.</summary>
    internal void Add(object version, StreamRoster roster)
    {
        var rosters = _rosters.GetOrAdd(version, static _ => []);
        lock (rosters)
        {
            _ = rosters.RemoveAll(static known => !known.TryGetTarget(out _));
            rosters.Add(new WeakReference<StreamRoster>(roster));
        }
    }

    /// <summary>Asks for the end of all streams of a version: each ends on its own worker, without an answer.</summary>
    /// <returns>How many were asked for the first time.</returns>
    internal int End(object version)
    {
        if (!_rosters.TryGetValue(version, out var rosters))
        {
            return 0;
        }

        lock (rosters)
        {
            return rosters.Sum(static known => known.TryGetTarget(out var roster) ? roster.EndAll() : 0);
        }
    }
}
