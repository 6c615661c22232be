using Outrider.Filters;

namespace Outrider.Assemblies.Swapping;

/// <summary>
/// The assemblies that configurations name as libraries, each in the version that its file had when it was last looked at. Whoever loads configurations
/// says so: <see cref="Begin"/>, then <see cref="Use"/> for each entry, then <see cref="Commit"/> or <see cref="Rollback"/>. One caller at a time for
/// those; <see cref="HasSettledChange"/> and <see cref="Status"/> on any thread.
/// </summary>
/// <param name="examine">Whether to look for every class and method that they refer to: for who checks and does not run.</param>
public sealed class AssemblyLibraries(bool examine = false)
{
    /// <summary>How many old versions of a file live where nothing else is said.</summary>
    public const int DefaultOldVersions = 4;

    /// <summary>The most that can be said: each has its code and configurations in memory.</summary>
    public const int MostOldVersions = 64;

    private readonly object _gate = new();
    private readonly Dictionary<string, LibraryFile> _files = new(StringComparer.Ordinal);
    private readonly RetiredVersions _retired = new();
    private bool _isLoading;

    /// <summary>Is there a file that has changed and come to rest? To be asked every few hundred milliseconds: rest is what two looks agree on.</summary>
    public bool HasSettledChange()
    {
        LibraryFile[] files;
        lock (_gate)
        {
            files = [.. _files.Values.Where(file => file.IsHot)];
        }

        // All are asked: each counts its own looks.
        return Array.FindAll(files, file => file.HasSettledChange()).Length > 0;
    }

    /// <summary>A configuration is about to be loaded: what has changed is loaded anew for it.</summary>
    /// <param name="path">Only this file, whether it has changed or not; null for all that have.</param>
    /// <param name="problems">What cannot be loaded; its version in force stays.</param>
    /// <returns>The files that have a new version.</returns>
    public IReadOnlyList<ExtensionVersion> Begin(string? path, out IReadOnlyList<string> problems)
    {
        var failed = new List<string>();
        lock (_gate)
        {
            BeginAsBefore();
            foreach (var file in _files.Values)
            {
                if (file.Current is { } current && (path is null ? file.IsHot && current.Files.HasChanged() : file.Path == path))
                {
                    try
                    {
                        file.Load(examine);
                    }
                    catch (Exception e) when (e is IOException or InvalidOperationException)
                    {
                        failed.Add(e.Message);
                    }
                }
            }

            problems = failed;
            return [.. _files.Values.Select(file => file.Candidate).OfType<ExtensionVersion>()];
        }
    }

    /// <summary>As <see cref="Begin"/>, for a configuration that is to be loaded with what is in force, whatever has changed.</summary>
    public void BeginAsBefore()
    {
        lock (_gate)
        {
            _isLoading = true;
            foreach (var file in _files.Values)
            {
                file.IsUsed = false;
            }
        }
    }

    /// <summary>
    /// The version of a file that the configuration which is being loaded gets; the first time it is loaded. Where no <see cref="Begin"/> came before, it is in
    /// force at once: for parts of a configuration that are loaded one by one.
    /// </summary>
    /// <param name="path">Full path.</param>
    /// <param name="isHot">Whether it follows its file by itself; false where any entry says so.</param>
    /// <param name="oldVersions">How many versions may live beside the one in force; of several entries the least counts.</param>
    /// <exception cref="IOException">It cannot be read, is no .NET assembly, or refers to what is not there.</exception>
    /// <exception cref="InvalidOperationException">An extension in it is not as its attribute wants it.</exception>
    public ExtensionVersion Use(string path, bool isHot = true, int oldVersions = DefaultOldVersions)
    {
        lock (_gate)
        {
            if (!_files.TryGetValue(path, out var file))
            {
                file = new LibraryFile(path);
                file.Load(examine);
                _files[path] = file;
            }
            else if (file.Candidate is null && file.Current is null)
            {
                file.Load(examine);
            }

            file.IsHot = isHot && (file.IsHot || !file.IsUsed);
            file.MaxOldVersions = file.IsUsed ? Math.Min(file.MaxOldVersions, oldVersions) : oldVersions;
            file.IsUsed = true;
            if (!_isLoading)
            {
                _retired.Add(file.Commit());
            }

            return file.Candidate ?? file.Current!;
        }
    }

    /// <summary>Lets configurations name all that an assembly brings, by the version in force, which follows its file.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="places">Where it is registered.</param>
    /// <returns>False, and nothing has happened, where it brings something that stays for good (a codec): it cannot be swapped.</returns>
    /// <exception cref="IOException">As <see cref="Use"/>.</exception>
    /// <exception cref="InvalidOperationException">As <see cref="Use"/>; or a name is taken.</exception>
    public bool List(string path, ExtensionPlaces places)
    {
        ArgumentNullException.ThrowIfNull(places);
        lock (_gate)
        {
            if (_files.TryGetValue(path, out var file))
            {
                return file.IsListed || file.List(places) is null;
            }

            file = new LibraryFile(path);
            try
            {
                file.Load(examine, places);
                if (file.List(places) is not null)
                {
                    _retired.Add(file.Rollback(""));
                    return false;
                }

                if (!examine)
                {
                    file.Prepare();
                }
            }
            catch
            {
                _retired.Add(file.Rollback(""));
                throw;
            }

            _files[path] = file;
            _retired.Add(file.Commit());
            return true;
        }
    }

    /// <summary>The configuration is in force. What it does not name goes.</summary>
    public void Commit()
    {
        lock (_gate)
        {
            _isLoading = false;
            foreach (var file in _files.Values.ToArray())
            {
                _retired.Add(file.Commit());
                if (!file.IsUsed && !file.IsListed)
                {
                    _retired.Add(file.Drop());
                    _ = _files.Remove(file.Path);
                }
            }
        }
    }

    /// <summary>No configuration uses a file any more.</summary>
    public void Drop(string path)
    {
        lock (_gate)
        {
            if (_files.Remove(path, out var file))
            {
                _retired.Add(file.Drop());
            }
        }
    }

    /// <summary>The configuration was refused: versions that were loaded for it go, those in force stay.</summary>
    /// <param name="problem">Why, for <see cref="Status"/>.</param>
    public void Rollback(string problem)
    {
        lock (_gate)
        {
            _isLoading = false;
            foreach (var file in _files.Values.ToArray())
            {
                _retired.Add(file.Rollback(problem));
                if (file.Current is null)
                {
                    _ = _files.Remove(file.Path);
                }
            }
        }
    }

    /// <summary>
    /// Lets the collector take what nothing uses any more. To be called some seconds after a change, and again as long as it answers true: a
    /// version goes when the last stream that began with it has ended.
    /// </summary>
    /// <param name="tell">Told of each version that nothing seems to use and that does not go, once, with what is seen to hold it.</param>
    /// <param name="gone">Told of the versions that have gone, a line for each file; null for nobody.</param>
    /// <returns>Whether old versions are left.</returns>
    public bool Sweep(Action<string> tell, Action<string>? gone = null)
    {
        ArgumentNullException.ThrowIfNull(tell);
        lock (_gate)
        {
            return _retired.Sweep(tell, gone);
        }
    }

    /// <summary>Has an old version lost its last use, so that some collections will take it?</summary>
    public bool HasUnused()
    {
        lock (_gate)
        {
            return _retired.HasUnused;
        }
    }

    /// <summary>
    /// The versions that are too many: of each file the oldest that streams or configurations still use, beyond what it may have. Whoever asks ends what uses
    /// them (<see cref="LibraryFactory.Version"/>); each is named once.
    /// </summary>
    public IReadOnlyList<ExtensionVersion> TooOld()
    {
        lock (_gate)
        {
            return [.. _files.Values.SelectMany(file => _retired.TooOld(file.Path, file.MaxOldVersions))];
        }
    }

    /// <summary>What there is: a line for each file.</summary>
    public IReadOnlyList<LibraryStatus> Status()
    {
        lock (_gate)
        {
            return
            [
                .. _files.Values.Where(file => file.Current is not null).OrderBy(file => file.Path, StringComparer.Ordinal)
                    .Select(file => new LibraryStatus(file.Path, file.Current!.Number, file.Current.AssemblyVersion, file.Current.LoadedAt, file.IsHot, file.Current.Filters.Names, file.Extensions, _retired.CountOf(file.Path), file.Problem)),
            ];
        }
    }
}
