namespace Outrider.Assemblies.Swapping;

/// <summary>An assembly's file that configurations name, and the version of it that new ones get.</summary>
/// <param name="path">Full path.</param>
internal sealed class LibraryFile(string path)
{
    private readonly FolderStamp _folder = new();
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

        return _folder.HasSettled(current.Files.Folder) && current.Files.HasChanged();
    }

    /// <summary>Loads what the file holds now.</summary>
    /// <exception cref="IOException">As <see cref="ExtensionVersion.Load"/>.</exception>
    /// <exception cref="InvalidOperationException">As <see cref="ExtensionVersion.Load"/>.</exception>
    internal void Load(bool examine)
    {
        try
        {
            Candidate = ExtensionVersion.Load(path, _versions + 1, examine);
            _versions++;
            if (!examine)
            {
                Candidate.Prepare();
            }

            Problem = null;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            Refuse(e.Message);
            throw;
        }
    }

    /// <summary>The candidate is in force.</summary>
    /// <returns>The version before; null where there was none, or it stays.</returns>
    internal RetiredVersion? Commit()
    {
        var before = Candidate is null ? null : Current;
        Current = Candidate ?? Current;
        Candidate = null;
        return before?.Retire();
    }

    /// <summary>The candidate will not be in force, and is not tried again until the file changes.</summary>
    internal RetiredVersion? Rollback(string problem)
    {
        var dropped = Candidate;
        Candidate = null;
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
        return dropped?.Retire();
    }

    private void Refuse(string problem)
    {
        Problem = problem;
        Current?.Files.Accept();
        _folder.Reset();
    }
}
