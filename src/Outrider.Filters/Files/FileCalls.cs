using System.Runtime.InteropServices;

namespace Outrider.Filters;

/// <summary>What Linux says of a file: two calls of libc, and the few numbers of its headers that they take.</summary>
internal static unsafe partial class FileCalls
{
    internal const int WriteAllowed = 2;
    internal const int TypeMask = 0xF000;
    internal const int Socket = 0xC000;
    internal const int BlockDevice = 0x6000;
    internal const int Directory = 0x4000;
    internal const int CharacterDevice = 0x2000;
    internal const int Pipe = 0x1000;

    private const int WorkingFolder = -100;
    private const uint WantsType = 1;

    /// <summary>The type of what is there (<c>S_IFMT</c> of its mode); −1 for nothing that can be seen.</summary>
    /// <param name="path">UTF-8, with a zero at its end.</param>
    internal static int TypeOf(ReadOnlySpan<byte> path)
    {
        Status status;
        fixed (byte* start = path)
        {
            return statx(WorkingFolder, start, 0, WantsType, &status) < 0 ? -1 : status.Mode & TypeMask;
        }
    }

    /// <summary>May this process do that with it?</summary>
    /// <param name="path">UTF-8, with a zero at its end.</param>
    /// <param name="mode"><see cref="WriteAllowed"/>.</param>
    internal static bool Allows(ReadOnlySpan<byte> path, int mode)
    {
        fixed (byte* start = path)
        {
            return access(start, mode) == 0;
        }
    }

    [LibraryImport("libc")]
    private static partial int statx(int folder, byte* path, int flags, uint mask, Status* status);

    [LibraryImport("libc")]
    private static partial int access(byte* path, int mode);

    /// <summary><c>struct statx</c> of <c>linux/stat.h</c>, the same everywhere; of its members only what is asked for here.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(28)]
        public ushort Mode;
    }
}
