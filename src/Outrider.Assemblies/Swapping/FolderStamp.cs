namespace Outrider.Assemblies.Swapping;

/// <summary>
/// Whether somebody is writing code into a folder: a new version is several files, and is there when all of them have come to rest. What else may lie
/// there does not count, a log that grows with each request among it.
/// </summary>
internal sealed class FolderStamp
{
    // Of the files in it; further ones count by the time of the folder alone.
    private const int MaxFiles = 512;

    private static readonly string[] s_code = [".dll", ".so", ".exe", ".pdb", ".json"];

    private int? _last;

    /// <summary>Has nothing in the folders changed since the last look? False at the first.</summary>
    internal bool HasSettled(IReadOnlyList<string> folders)
    {
        int now = Look(folders);
        bool settled = _last == now;
        _last = now;
        return settled;
    }

    /// <summary>Begins anew: the next look settles nothing.</summary>
    internal void Reset() => _last = null;

    private static int Look(IReadOnlyList<string> folders)
    {
        var hash = new HashCode();
        try
        {
            foreach (string file in folders.SelectMany(Directory.EnumerateFiles).Where(IsCode).Take(MaxFiles))
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

    // libx.so.1 as well.
    private static bool IsCode(string file) => s_code.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase) || Path.GetFileName(file).Contains(".so.", StringComparison.Ordinal);
}
