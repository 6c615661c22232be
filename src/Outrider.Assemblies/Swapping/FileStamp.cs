namespace Outrider.Assemblies.Swapping;

/// <summary>What a file looks like from outside: cheap to look at, and different once it was written or replaced. Links are followed, as Kubernetes replaces folders by links.</summary>
internal readonly record struct FileStamp(long Length, DateTime Written)
{
    /// <summary>That of a file; null where it is not there or cannot be looked at now.</summary>
    internal static FileStamp? Of(string path)
    {
        try
        {
            // Of what a link leads to.
            var file = new FileInfo(path);
            var target = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            return target.Exists ? new FileStamp(target.Length, target.LastWriteTimeUtc) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
