using Outrider.Filters;

namespace Outrider.Proxy.Entries;

/// <summary>The entries of one list that are in force while the next is compiled: those that say the same stay, each once. The thread that loads.</summary>
/// <param name="entries">In their order.</param>
internal sealed class EntriesInForce(IEnumerable<MadeEntry> entries)
{
    private readonly List<MadeEntry> _left = [.. entries];

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
        if (at >= 0)
        {
            var before = _left[at];
            _left.RemoveAt(at);
            if (before.CanBeKept(read(plugins)) && before.TryRetain())
            {
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
            return new MadeEntry(name, origin, made, owned?.Invoke(made) ?? [made], uses, given);
        }
        finally
        {
            given.Close();
        }
    }
}
