using System.Globalization;

namespace Outrider.Plugins.Processes.Launching;

/// <summary>
/// A folder for the Unix sockets of our plugins that nobody else can enter; gone with us. That of a proxy which was killed stays,
/// and is removed by the next one of the same user that starts.
/// </summary>
/// <remarks>
/// It lies in a folder that all users share, where anybody may make what has such a name. So nothing is removed because of its name:
/// only a real folder that is this user's own and closed to others, whose lock file nobody holds, and in it the lock and sockets,
/// nothing that lies deeper. The lock goes with its process, whatever ends it; a process's number says nothing where containers
/// share the folder.
/// </remarks>
internal sealed class SocketFolder : IDisposable
{
    private const string Prefix = "outrider-plugins-";
    private const string LockName = ".lock";

    private readonly string _parent;
    private readonly Lazy<string> _path;
    private FileStream? _lock;

    /// <summary>Makes nothing yet.</summary>
    /// <param name="parent">Where it will lie; null for the system's folder of temporary files.</param>
    internal SocketFolder(string? parent = null)
    {
        _parent = parent ?? System.IO.Path.GetTempPath();
        _path = new Lazy<string>(Create);
    }

    /// <summary>Its path; made when it is first wanted.</summary>
    internal string Path => _path.Value;

    public void Dispose()
    {
        if (_path.IsValueCreated && _lock is not null)
        {
            Delete(_path.Value);
            _lock.Dispose();
        }
    }

    private string Create()
    {
        foreach (string folder in Directory.EnumerateDirectories(_parent, Prefix + "*"))
        {
            DeleteIfAbandoned(folder);
        }

        string prefix = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-");
        for (int i = 0; ; i++)
        {
            string path = System.IO.Path.Combine(_parent, prefix + System.IO.Path.GetRandomFileName());
            if (!FileOwner.TryMakeFolder(path))
            {
                if (i == 10)
                {
                    throw new IOException($"cannot make a folder for plugins' sockets in {_parent}");
                }

                continue;
            }

            _lock = new FileStream(System.IO.Path.Combine(path, LockName), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
            return path;
        }
    }

    private static void DeleteIfAbandoned(string folder)
    {
        // Without a lock it is not ours, or is just being made.
        string file = System.IO.Path.Combine(folder, LockName);
        if (FileOwner.Of(folder) is not { IsFolder: true, IsOurs: true, IsPrivate: true } || FileOwner.Of(file) is not { IsFile: true, IsOurs: true })
        {
            return;
        }

        try
        {
            using var taken = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            Delete(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Its proxy lives, or another one was quicker.
        }
    }

    private static void Delete(string folder)
    {
        try
        {
            if (FileOwner.Of(folder) is not { IsFolder: true, IsOurs: true })
            {
                return;
            }

            foreach (string file in Directory.EnumerateFileSystemEntries(folder))
            {
                if (FileOwner.Of(file) is { IsSocket: true } || System.IO.Path.GetFileName(file) == LockName)
                {
                    File.Delete(file);
                }
            }

            Directory.Delete(folder, recursive: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Something that is not ours lies in it: it stays.
        }
    }
}
