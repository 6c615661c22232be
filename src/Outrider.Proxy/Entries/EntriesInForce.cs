using Outrider.Filters;

namespace Outrider.Proxy.Entries;

/// <summary>
/// The entries of one list that are in force while the next is compiled: those that say the same stay, each once; what is made anew is given the state
/// (<see cref="ISwapState"/>) of the first in its place that has neither stayed nor given it. The thread that loads.
/// </summary>
/// <param name="entries">In their order.</param>
/// <param name="stateLost">Told the name of an extension whose state was not carried over, and why; null for nobody.</param>
internal sealed class EntriesInForce(IEnumerable<MadeEntry> entries, Action<string, Exception>? stateLost = null)
{
    private readonly List<MadeEntry> _left = [.. entries];
    private readonly List<MadeEntry> _givers = [.. entries];

    /// <summary>The one in force where it says the same and would be made the same; else what is made now. The caller is a user of it.</summary>
    /// <param name="name">The extension's name, for logs.</param>
    /// <param name="origin">What it is made from.</param>
    /// <param name="read">The configuration to make it from.</param>
    /// <param name="plugins">The plugins of the configuration.</param>
    /// <param name="make">Makes it.</param>
    /// <param name="owned">What of it is to be disposed.</param>
    internal MadeEntry KeepOrMake(
        string name, EntryOrigin origin, Func<IPluginRegistry, FilterConfiguration> read, IPluginRegistry plugins, Func<FilterConfiguration, object> make, Func<object, IReadOnlyList<object>>? owned = null)
    {
        int at = _left.FindIndex(entry => entry.IsOf(origin));
        var before = at >= 0 ? _left[at] : null;
        if (before is not null)
        {
            _left.RemoveAt(at);
            if (before.CanBeKept(read(plugins)) && before.TryRetain())
            {
                _ = _givers.Remove(before);
                return before;
            }
        }

        var given = new EntryPlugins(plugins);
        var configuration = read(given);
        var uses = new ConfigurationUses();
        configuration.Uses = uses;
        try
        {
            object made = make(configuration);
            GiveState(name, before, origin, made);
            return new MadeEntry(name, origin, made, owned?.Invoke(made) ?? [made], uses, given);
        }
        finally
        {
            given.Close();
        }
    }

    private void GiveState(string name, MadeEntry? before, EntryOrigin origin, object made)
    {
        if (before is null || !_givers.Contains(before) || !before.Precedes(origin, made))
        {
            before = _givers.Find(entry => entry.Precedes(origin, made));
        }

        if (before is not null)
        {
            _ = _givers.Remove(before);
            SwapStates.Carry(before.Made, made, e => stateLost?.Invoke(name, e));
        }
    }
}
