namespace Outrider.Assemblies.Swapping;

/// <summary>Whether somebody is writing into a folder: a new version is several files, and is there when all of them have come to rest.</summary>
internal sealed class FolderStamp
{
    // Of the files in it; further ones count by the time of the folder alone.
    private const int MaxFiles = 512;

    private int? _last;

    /// <summary>Has nothing in the folder changed since the last look? False at the first.</summary>
    internal bool HasSettled(string folder)
    {
        int now = Look(folder);
        bool settled = _last == now;
        _last = now;
        return settled;
    }

    /// <summary>Begins anew: the next look settles nothing.</summary>
    internal void Reset() => _last = null;

    private static int Look(string folder)
    {
        var hash = new HashCode();
        try
        {
            foreach (string file in Directory.EnumerateFiles(folder).Take(MaxFiles))
            {
                hash.Add(file, StringComparer.Ordinal);
                hash.Add(FileStamp.Of(file));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Just being replaced: that is no rest.
            hash.Add(Environment.TickCount64);
        }

        return hash.ToHashCode();
    }
}
