using System.Runtime.InteropServices;

namespace Outrider.Plugins.Libraries;

/// <summary>Who else can change a file whose code is to run here.</summary>
internal static partial class FileTrust
{
    private const int CurrentFolder = -100;
    private const uint ModeAndOwner = 0x2 | 0x8;
    private const int OthersWrite = 0x2;
    private const int GroupWrite = 0x10;

    // A folder where only a file's owner may replace it, as /tmp is.
    private const int Sticky = 0x200;

    /// <summary>Throws when somebody else than this process's user and root could put other code in a file's place: by the file, or by a folder on its way.</summary>
    /// <exception cref="IOException">Somebody could; the message says by what.</exception>
    internal static void Require(string path)
    {
        string real = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
        for (string? at = real; at is not null; at = Path.GetDirectoryName(at))
        {
            if (WhyNot(at, at == real) is { } problem)
            {
                throw new IOException($"{path} is not trusted (trusted_only): {at} {problem}");
            }
        }
    }

    private static unsafe string? WhyNot(string path, bool isFile)
    {
        // struct statx: stx_uid at 20, stx_gid at 24, stx_mode at 28, the same on all machines; 256 bytes.
        byte* found = stackalloc byte[256];
        if (StatX(CurrentFolder, path, 0, ModeAndOwner, found) != 0)
        {
            return "cannot be looked at";
        }

        uint owner = *(uint*)(found + 20);
        int mode = *(ushort*)(found + 28);
        bool guarded = !isFile && (mode & Sticky) != 0;
        return owner != 0 && owner != EffectiveUser() ? $"belongs to user {owner}"
            : (mode & OthersWrite) != 0 && !guarded ? "may be written by everybody"
            : (mode & GroupWrite) != 0 && !guarded && *(uint*)(found + 24) != 0 ? "may be written by its group"
            : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatX(int folder, string path, int flags, uint mask, byte* found);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();
}
