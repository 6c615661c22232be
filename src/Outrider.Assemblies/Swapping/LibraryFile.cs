namespace Outrider.Assemblies.Swapping;

/// <summary>An assembly's file that configurations name, and the version of it that new ones get.</summary>
/// <param name="path">Full path.</param>
internal sealed class LibraryFile(string path)
{
    private readonly FolderStamp _folder = new();
    private ExtensionPlaces? _places;
    private VersionExtensions? _registered, _withdrawn;
    private int _versions;

    internal string Path => path;

    /// <summary>The version in force; null before the first configuration with it is.</summary>
    internal ExtensionVersion? Current { get; private set; }

    /// <summary>The version that is in force when the configuration is that is being loaded.</summary>
    internal ExtensionVersion? Candidate { get; private set; }

    /// <summary>Does it follow its file by itself?</summary>
    internal bool IsHot { get; set; } = true;

    /// <summary>Has the configuration that is being loaded asked for it?</summary>
    internal bool IsUsed { get; set; }

    /// <summary>Does the configuration list it as an extension, so that all that it brings can be named?</summary>
    internal bool IsListed => _places is not null;

    /// <summary>How many of its versions may live beside the one in force; the oldest have to end beyond that.</summary>
    internal int MaxOldVersions { get; set; } = AssemblyLibraries.DefaultOldVersions;

    /// <summary>The names of what it brings beside stream filters, where it is listed.</summary>
    internal IReadOnlyList<string> Extensions => _registered?.Names ?? [];

    /// <summary>What came of the last try to load another version; null when it went well.</summary>
    internal string? Problem { get; private set; }

    /// <summary>Is there something new, and has its folder come to rest? To be asked again and again.</summary>
    internal bool HasSettledChange()
    {
        if (Current is not { } current || !current.Files.LooksChanged())
        {
            _folder.Reset();
            return false;
        }

        return _folder.HasSettled(current.Files.Folders) && current.Files.HasChanged();
    }

    /// <summary>Registers what it brings, once, and with each version anew.</summary>
    /// <returns>What it brings that stays for good, because of which nothing was registered; null where it went well.</returns>
    /// <exception cref="IOException">It refers to what is not there.</exception>
    /// <exception cref="InvalidOperationException">An extension in it is not as its attribute wants it, or its name is taken.</exception>
    internal string? List(ExtensionPlaces places)
    {
        var found = VersionExtensions.Of((Candidate ?? Current)!, places);
        if (found.Lasting is { } lasting)
        {
            return lasting;
        }

        found.Register();
        _registered = found;
        _places = places;
        return null;
    }

    /// <summary>Loads what the file holds now.</summary>
    /// <exception cref="IOException">As <see cref="ExtensionVersion.Load"/>.</exception>
    /// <exception cref="InvalidOperationException">As <see cref="ExtensionVersion.Load"/>.</exception>
    /// <param name="examine">As for <see cref="ExtensionAssembly.Load"/>.</param>
    /// <param name="listed">Where what it brings is to be registered, for a file that is about to be listed; it is not compiled then: <see cref="Prepare"/> does.</param>
    internal void Load(bool examine, ExtensionPlaces? listed = null)
    {
        try
        {
            var loaded = ExtensionVersion.Load(path, _versions + 1, examine, (_places ?? listed)?.Kinds ?? []);
            _versions++;
            try
            {
                Replace(loaded);
            }
            catch
            {
                _ = loaded.Retire();
                throw;
            }

            Candidate = loaded;
            if (!examine && listed is null)
            {
                Prepare();
            }

            Problem = null;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            Refuse(e.Message);
            throw;
        }
    }

    /// <summary>Compiles the candidate's code before anybody needs it.</summary>
    internal void Prepare() => Candidate!.Prepare();

    /// <summary>The candidate is in force.</summary>
    /// <returns>The version before; null where there was none, or it stays.</returns>
    internal RetiredVersion? Commit()
    {
        var before = Candidate is null ? null : Current;
        Current = Candidate ?? Current;
        Candidate = null;
        _withdrawn = null;
        return before?.Retire();
    }

    /// <summary>The candidate will not be in force, and is not tried again until the file changes.</summary>
    internal RetiredVersion? Rollback(string problem)
    {
        var dropped = Candidate;
        Candidate = null;
        if (_withdrawn is not null)
        {
            _registered!.Withdraw();
            (_registered, _withdrawn) = (_withdrawn, null);
            _registered.Register();
        }

        if (dropped is not null)
        {
            Refuse(problem);
        }

        return dropped?.Retire();
    }

    /// <summary>No configuration names it any more.</summary>
    internal RetiredVersion? Drop()
    {
        var dropped = Current;
        Current = null;
        _registered?.Withdraw();
        _registered = null;
        return dropped?.Retire();
    }

    // Names of the version before are free for the next while it is tried.
    private void Replace(ExtensionVersion loaded)
    {
        if (_places is not { } places)
        {
            return;
        }

        var before = _registered!;
        before.Withdraw();
        try
        {
            var next = VersionExtensions.Of(loaded, places);
            if (next.Lasting is { } lasting)
            {
                throw new InvalidOperationException($"{path}: its new version brings a {lasting}, which stays for good: the program has to be started again");
            }

            next.Register();
            (_registered, _withdrawn) = (next, before);
        }
        catch
        {
            before.Register();
            throw;
        }
    }

    private void Refuse(string problem)
    {
        Problem = problem;
        Current?.Files.Accept();
        _folder.Reset();
    }
}
