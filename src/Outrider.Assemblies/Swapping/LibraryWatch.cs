namespace Outrider.Assemblies.Swapping;

/// <summary>
/// When the files of assemblies are looked at, and when what is no longer used of them is swept. By looking, twice a second: what inotify(7) tells of links,
/// of folders that are exchanged and of network file systems is not enough. One thread at a time.
/// </summary>
/// <param name="libraries">The assemblies.</param>
/// <param name="tell">Told what stays in memory without being used.</param>
/// <param name="gone">Told what has gone; null for nobody.</param>
public sealed class LibraryWatch(AssemblyLibraries libraries, Action<string> tell, Action<string>? gone = null)
{
    // After a change each look sweeps, as most streams end soon, and after the last stream of a version has ended; otherwise every tenth.
    private const int EagerLooks = 6;
    private const int LooksPerSweep = 10;

    private int _looks;

    /// <summary>How long from one look to the next.</summary>
    public static TimeSpan Interval { get; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Looks once. True: a file has changed and come to rest; whoever asks takes the new version, and then calls <see cref="Sweep"/> as after any look.</summary>
    public bool HasChange()
    {
        _looks++;
        if (!libraries.HasSettledChange())
        {
            return false;
        }

        _looks = 0;
        return true;
    }

    /// <summary>Sweeps, where it is time.</summary>
    public void Sweep()
    {
        if (_looks <= EagerLooks || _looks % LooksPerSweep == 0 || libraries.HasUnused())
        {
            _ = libraries.Sweep(tell, gone);
        }
    }
}
