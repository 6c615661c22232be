using System.Security.Cryptography;
using Outrider.Filters;

namespace Outrider.Assemblies.Swapping;

/// <summary>The files that one version of an extension was loaded from, as they were then. Any thread: .NET loads a dependency when it is first used.</summary>
/// <param name="main">The extension's own file.</param>
internal sealed class VersionFiles(string main)
{
    // Of one file: an assembly that is longer is no extension.
    private const int MaxLength = 512 * 1024 * 1024;

    private readonly Dictionary<string, (FileStamp? Stamp, byte[] Content)> _files = new(StringComparer.Ordinal);

    /// <summary>The folder that the extension lies in.</summary>
    internal string Folder { get; } = Path.GetDirectoryName(main)!;

    /// <summary>The folders that its code lies in.</summary>
    internal IReadOnlyList<string> Folders => [.. Known().Select(file => Path.GetDirectoryName(file.Path)!).Append(Folder).Distinct(StringComparer.Ordinal)];

    /// <summary>A file's bytes, which it remembers by their hash.</summary>
    /// <exception cref="IOException">It cannot be read, or is no plain file.</exception>
    internal byte[] Read(string path)
    {
        // Before the bytes: what is written in between is seen as a change.
        var stamp = FileStamp.Of(path);
        byte[] bytes;
        try
        {
            bytes = new ConfigurationFiles(Folder).Read("$", path, MaxLength);
        }
        catch (FilterConfigurationException e)
        {
            throw new IOException(e.InnerException?.Message ?? e.Message, e);
        }

        lock (_files)
        {
            _files[path] = (stamp, SHA256.HashData(bytes));
        }

        return bytes;
    }

    /// <summary>Does any of them look different? Cheap; one that is gone, or cannot be looked at, does not.</summary>
    internal bool LooksChanged() => Known().Any(file => FileStamp.Of(file.Path) is { } now && now != file.Stamp);

    /// <summary>Does any of them hold something else? False where one cannot be read: an extension of which a part is missing is no new version.</summary>
    internal bool HasChanged()
    {
        bool changed = false;
        foreach (var (path, _, content) in Known())
        {
            var stamp = FileStamp.Of(path);
            try
            {
                using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                bool same = SHA256.HashData(file).AsSpan().SequenceEqual(content);
                changed |= !same;
                if (same)
                {
                    // Touched, or built again to the same.
                    lock (_files)
                    {
                        _files[path] = (stamp, content);
                    }
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }

        return changed;
    }

    /// <summary>Takes what the files look like now for what they are: this content was tried, and is not asked for again until it changes.</summary>
    internal void Accept()
    {
        foreach (var (path, _, content) in Known())
        {
            lock (_files)
            {
                _files[path] = (FileStamp.Of(path), content);
            }
        }
    }

    private (string Path, FileStamp? Stamp, byte[] Content)[] Known()
    {
        lock (_files)
        {
            return [.. _files.Select(file => (file.Key, file.Value.Stamp, file.Value.Content))];
        }
    }
}
