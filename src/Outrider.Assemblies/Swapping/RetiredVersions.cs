namespace Outrider.Assemblies.Swapping;

/// <summary>The versions that are no longer in force and still in memory. One caller at a time.</summary>
internal sealed class RetiredVersions
{
    // After the last use: what a stream's pooled objects held needs one, finalizers another.
    private const int PatientRounds = 4;

    private readonly List<RetiredVersion> _versions = [];

    internal void Add(RetiredVersion? version)
    {
        if (version is not null)
        {
            _versions.Add(version);
        }
    }

    internal int CountOf(string path) => _versions.Count(version => version.Path == path && version.IsAlive);

    /// <summary>Is there one that nothing uses, and that the collector has not yet had its time for?</summary>
    internal bool HasUnused => _versions.Exists(static version => version.Rounds < PatientRounds && !version.IsUsed);

    /// <summary>The oldest versions of a file that are in use, beyond <paramref name="most"/>, each once.</summary>
    internal IEnumerable<ExtensionVersion> TooOld(string path, int most)
    {
        var used = _versions.Where(version => version.Path == path && version.IsUsed).OrderBy(version => version.Number).ToArray();
        foreach (var version in used.Take(Math.Max(0, used.Length - most)).Where(version => !version.IsEnding))
        {
            version.IsEnding = true;
            if (version.Version is { } found)
            {
                yield return found;
            }
        }
    }

    /// <summary>As <see cref="AssemblyLibraries.Sweep"/>.</summary>
    internal bool Sweep(Action<string> tell, Action<string>? gone)
    {
        if (_versions.Count == 0)
        {
            return false;
        }

        ExtensionJson.Forget();
        // Code goes only when finalizers have run, which the collection after the first finds done.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        // What a version held goes back to the system: a heap that only shrinks when it is full would grow with each.
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var left = _versions.FindAll(static version => !version.IsAlive);
        if (left.Count > 0)
        {
            _ = _versions.RemoveAll(left.Contains);
            NativeHeap.Trim();
            foreach (var file in left.GroupBy(static version => version.Path, StringComparer.Ordinal))
            {
                gone?.Invoke($"library {file.Key}: {(file.Count() == 1 ? "version" : "versions")} {string.Join(", ", file.Select(static version => version.Number).Order())} gone, {CountOf(file.Key)} left beside the one in force");
            }
        }

        foreach (var version in _versions)
        {
            version.Rounds = version.IsUsed ? 0 : version.Rounds + 1;
            if (version.Rounds >= PatientRounds && !version.IsTold)
            {
                version.IsTold = true;
                string holders = string.Join("; ", version.Holders());
                tell($"library {version.Path}: its version {version.Number} is not used any more and stays in memory: "
                    + (holders.Length > 0 ? $"it is held by {holders}" : "something that cannot be seen from here holds it: a thread, a task that does not end, or a static field outside of it (docs/extensions.md)"));
            }
        }

        return _versions.Count > 0;
    }
}
