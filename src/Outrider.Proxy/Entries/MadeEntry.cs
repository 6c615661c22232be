using Outrider.Filters;

namespace Outrider.Proxy.Entries;

/// <summary>
/// What an extension has made of one entry. All configurations that say the same of the entry share it; with the last that lets go of it it is disposed.
/// Any thread, but for <see cref="CanBeKept"/>.
/// </summary>
internal sealed class MadeEntry
{
    private readonly EntryOrigin _origin;
    private readonly ConfigurationUses _uses;
    private readonly EntryPlugins _plugins;
    private readonly object[] _owned;

    // Whoever made it first.
    private int _users = 1;

    internal MadeEntry(string name, EntryOrigin origin, object made, IReadOnlyList<object> owned, ConfigurationUses uses, EntryPlugins plugins)
    {
        Name = name;
        Made = made;
        _origin = origin;
        _owned = [.. owned];
        _uses = uses;
        _plugins = plugins;
    }

    /// <summary>The extension's name, for logs.</summary>
    internal string Name { get; }

    /// <summary>What the extension made.</summary>
    internal object Made { get; }

    /// <summary>Is it made from this?</summary>
    internal bool IsOf(EntryOrigin origin) => _origin.IsSame(origin);

    /// <summary>May what was made from this follow it, and be given its state?</summary>
    internal bool Precedes(EntryOrigin origin, object made) => _origin.IsInPlaceOf(origin) && SwapStates.NameOf(Made) == SwapStates.NameOf(made);

    /// <summary>Would it be made the same again, with its files, plugins and library as they are now? The thread that loads.</summary>
    internal bool CanBeKept(FilterConfiguration configuration)
    {
        if (!_uses.AreFilesSame() || !_plugins.AreSameIn(configuration.Plugins))
        {
            return false;
        }

        try
        {
            // All are asked: some count their places.
            bool can = (Made as IKeepable)?.CanBeKept(configuration) ?? true;
            foreach (object part in _owned)
            {
                can &= part == Made || ((part as IKeepable)?.CanBeKept(configuration) ?? true);
            }

            if (can)
            {
                _uses.Repeat(configuration);
            }

            return can;
        }
        catch (Exception)
        {
            // Whatever it is, making it anew says it, and where.
            return false;
        }
    }

    /// <summary>One user more, unless the last has let go already.</summary>
    internal bool TryRetain()
    {
        int users = Volatile.Read(ref _users);
        while (users > 0)
        {
            int before = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (before == users)
            {
                return true;
            }

            users = before;
        }

        return false;
    }

    /// <summary>One user less; with the last what is <see cref="IDisposable"/> is disposed.</summary>
    /// <param name="disposeFailed">Told the name and what was thrown; null: it is thrown on.</param>
    internal void Release(Action<string, Exception>? disposeFailed)
    {
        if (Interlocked.Decrement(ref _users) > 0)
        {
            return;
        }

        foreach (object part in _owned)
        {
            try
            {
                (part as IDisposable)?.Dispose();
            }
            catch (Exception e) when (disposeFailed is not null)
            {
                // It is an extension's: one that fails must neither keep the others nor harm whoever lets go last.
                disposeFailed(Name, e);
            }
        }
    }
}
