using System.Runtime.InteropServices;

namespace Outrider.Plugins.Processes.Launching;

/// <summary>Whose a file is, of what kind, and who may write it (statx(2)).</summary>
internal readonly partial struct FileOwner
{
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint TypeModeAndOwners = 0x1 | 0x2 | 0x8 | 0x10;

    private readonly int _mode;

    private FileOwner(uint user, uint group, int mode)
    {
        User = user;
        Group = group;
        _mode = mode;
    }

    internal uint User { get; }

    internal uint Group { get; }

    // The types of inode(7).
    internal bool IsFolder => (_mode & 0xF000) == 0x4000;

    internal bool IsFile => (_mode & 0xF000) == 0x8000;

    internal bool IsSocket => (_mode & 0xF000) == 0xC000;

    /// <summary>Does it belong to the user that this process runs as?</summary>
    internal bool IsOurs => User == geteuid();

    /// <summary>Can nobody but its owner do anything with it?</summary>
    internal bool IsPrivate => (_mode & 0x3F) == 0;

    /// <summary>Is it a folder where only a file's owner may replace it, as in <c>/tmp</c>?</summary>
    internal bool IsSticky => (_mode & 0x200) != 0;

    internal bool MayOthersWrite => (_mode & 0x2) != 0;

    internal bool MayGroupWrite => (_mode & 0x10) != 0;

    /// <summary>Looks at a file itself, and never at what a link leads to; null when it is not there or may not be looked at.</summary>
    internal static FileOwner? Of(string path) => Look(path, NoFollow);

    /// <summary>Looks at a file, or at what a link of that name leads to.</summary>
    internal static FileOwner? OfTarget(string path) => Look(path, 0);

    /// <summary>Makes a folder that only its owner can enter. False: there is something of that name already, or it may not be made.</summary>
    internal static bool TryMakeFolder(string path) => mkdir(path, 0x1C0) == 0;

    private static unsafe FileOwner? Look(string path, int flags)
    {
        // struct statx: stx_uid at 20, stx_gid at 24, stx_mode at 28, the same on all machines; 256 bytes.
        byte* found = stackalloc byte[256];
        return statx(CurrentFolder, path, flags, TypeModeAndOwners, found) == 0 ? new FileOwner(*(uint*)(found + 20), *(uint*)(found + 24), *(ushort*)(found + 28)) : null;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(int folder, string path, int flags, uint mask, byte* found);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkdir(string path, uint mode);

    [LibraryImport("libc")]
    private static partial uint geteuid();
}
