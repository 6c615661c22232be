using Outrider.Filters;

namespace Outrider.Assemblies.Swapping;

/// <summary>
/// Carries what configurations know (<see cref="ISwapState"/>) from one generation to the next. An entry of the next generation follows the one that
/// stood in the same place among those of the same file and filter. The thread that loads.
/// </summary>
/// <param name="log">Told what fails.</param>
internal sealed class SwapStates(Action<string> log)
{
    private Dictionary<(string Path, string Filter), List<WeakReference<ISwapState>?>> _current = [], _next = [];

    /// <summary>Another generation begins.</summary>
    internal void Begin() => _next = [];

    /// <summary>An entry has got its factory: it is given what its predecessor knows. One that stays has nothing to be given, and keeps its place.</summary>
    internal void Take(string path, string filter, IStreamFilterFactory factory)
    {
        var own = factory as ISwapState ?? (factory as IConfiguredFactory)?.Configuration as ISwapState;
        if (!_next.TryGetValue((path, filter), out var made))
        {
            _next[(path, filter)] = made = [];
        }

        int place = made.Count;
        made.Add(own is null ? null : new WeakReference<ISwapState>(own));
        if (own is null || !_current.TryGetValue((path, filter), out var before) || place >= before.Count || before[place] is not { } kept || !kept.TryGetTarget(out var old) || old == own)
        {
            return;
        }

        try
        {
            own.RestoreState(old.SaveState());
        }
        catch (Exception e)
        {
            log($"library {path}: the state of filter '{filter}' was not carried over: {e}");
        }
    }

    /// <summary>The generation is in force. Files that it has not made anew keep what they have.</summary>
    internal void Commit()
    {
        foreach (var (key, kept) in _current)
        {
            _ = _next.TryAdd(key, kept);
        }

        _current = _next;
    }
}
