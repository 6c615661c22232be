using System.Runtime.InteropServices;

namespace Outrider.Plugins.Processes.Launching;

/// <summary>Whose a file is, and of what kind: the file itself, and never what a link leads to (statx(2)).</summary>
internal readonly partial struct FileOwner
{
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint TypeModeAndOwner = 0x1 | 0x2 | 0x8;

    private readonly uint _user;
    private readonly int _mode;

    private FileOwner(uint user, int mode)
    {
        _user = user;
        _mode = mode;
    }

    // The types of inode(7).
    internal bool IsFolder => (_mode & 0xF000) == 0x4000;

    internal bool IsFile => (_mode & 0xF000) == 0x8000;

    internal bool IsSocket => (_mode & 0xF000) == 0xC000;

    /// <summary>Does it belong to the user that this process runs as?</summary>
    internal bool IsOurs => _user == geteuid();

    /// <summary>Can nobody but its owner do anything with it?</summary>
    internal bool IsPrivate => (_mode & 0x3F) == 0;

    /// <summary>Looks at a file; null when it is not there or may not be looked at.</summary>
    internal static unsafe FileOwner? Of(string path)
    {
        // struct statx: stx_uid at 20, stx_mode at 28, the same on all machines; 256 bytes.
        byte* found = stackalloc byte[256];
        return statx(CurrentFolder, path, NoFollow, TypeModeAndOwner, found) == 0 ? new FileOwner(*(uint*)(found + 20), *(ushort*)(found + 28)) : null;
    }

    /// <summary>Makes a folder that only its owner can enter. False: there is something of that name already, or it may not be made.</summary>
    internal static bool TryMakeFolder(string path) => mkdir(path, 0x1C0) == 0;

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(int folder, string path, int flags, uint mask, byte* found);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkdir(string path, uint mode);

    [LibraryImport("libc")]
    private static partial uint geteuid();
}
