using Outrider.Proxy.Snapshots;

namespace Outrider.Proxy.Server;

/// <summary>What becomes of listeners in one update, while it is compiled: which snapshot each will have, and who comes and goes.</summary>
/// <param name="listeners">The listeners in force.</param>
internal sealed class ListenerPlan(ProxyListeners listeners)
{
    // By the listener's name: those that are there, with what they have or will have.
    private readonly Dictionary<string, Entry> _entries = listeners.Accepting.ToDictionary(
        listener => listener.Snapshot.Configuration.Name, listener => new Entry(listener, listener.Snapshot, Change.None), StringComparer.Ordinal);

    private readonly List<ProxyListener> _opened = [], _gone = [];

    private enum Change
    {
        None,
        Routes,
        All,
    }

    private readonly record struct Entry(ProxyListener Listener, ListenerSnapshot Snapshot, Change Change);

    /// <summary>The snapshots as they will be.</summary>
    internal IReadOnlyList<ListenerSnapshot> Snapshots => [.. _entries.Values.Select(entry => entry.Snapshot)];

    /// <summary>Listeners get other tables of routes.</summary>
    /// <param name="changed">What they get in the place of what.</param>
    internal void Route(IReadOnlyDictionary<ListenerSnapshot, ListenerSnapshot> changed)
    {
        foreach (var (name, entry) in _entries.ToList())
        {
            if (changed.TryGetValue(entry.Snapshot, out var snapshot))
            {
                Replace(name, entry, snapshot, entry.Change == Change.All ? Change.All : Change.Routes);
            }
        }
    }

    /// <summary>A listener is to be as the snapshot says.</summary>
    /// <exception cref="IOException">Its address cannot be had; the snapshot has been let go of.</exception>
    internal void Set(ListenerSnapshot snapshot)
    {
        string name = snapshot.Configuration.Name;
        if (_entries.TryGetValue(name, out var entry) && ProxyListeners.HaveSameAddress(entry.Snapshot.Configuration, snapshot.Configuration))
        {
            Replace(name, entry, snapshot, Change.All);
            return;
        }

        IReadOnlyList<ProxyListener> opened;
        try
        {
            opened = listeners.OpenMissing([snapshot]);
        }
        catch
        {
            snapshot.Release();
            throw;
        }

        if (opened.Count == 0)
        {
            snapshot.Release();
            throw new IOException($"{snapshot.Configuration.Address} is given up by another listener in this very update; it can be had with the next");
        }

        Remove(name);
        _opened.AddRange(opened);
        _entries[name] = new Entry(opened[0], snapshot, Change.All);
    }

    /// <summary>A listener is to go, if there is one.</summary>
    internal void Remove(string name)
    {
        if (!_entries.Remove(name, out var entry))
        {
            return;
        }

        if (entry.Change != Change.None)
        {
            entry.Snapshot.Release();
        }

        if (_opened.Remove(entry.Listener))
        {
            listeners.Forget([entry.Listener]);
        }
        else
        {
            _gone.Add(entry.Listener);
        }
    }

    /// <summary>What the loops have to do, and the snapshots that were made for it.</summary>
    internal (ListenerChanges Changes, IReadOnlyList<ListenerSnapshot> Made) Finish()
    {
        var changes = new ListenerChanges();
        changes.Opened.AddRange(_opened);
        changes.Gone.AddRange(_gone);
        foreach (var entry in _entries.Values.Where(entry => entry.Change != Change.None && !_opened.Contains(entry.Listener)))
        {
            (entry.Change == Change.All ? changes.Changed : changes.Routed).Add((entry.Listener, entry.Snapshot));
        }

        return (changes, [.. _entries.Values.Where(entry => entry.Change != Change.None).Select(entry => entry.Snapshot)]);
    }

    /// <summary>Lets go of all that was made.</summary>
    internal void Abandon()
    {
        listeners.Forget(_opened);
        foreach (var entry in _entries.Values.Where(entry => entry.Change != Change.None))
        {
            entry.Snapshot.Release();
        }
    }

    private void Replace(string name, Entry entry, ListenerSnapshot snapshot, Change change)
    {
        if (entry.Change != Change.None)
        {
            entry.Snapshot.Release();
        }

        if (_opened.Contains(entry.Listener))
        {
            entry.Listener.Prepare(snapshot);
        }

        _entries[name] = entry with { Snapshot = snapshot, Change = change };
    }
}
