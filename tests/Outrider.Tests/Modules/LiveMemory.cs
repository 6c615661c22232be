using System.Runtime.InteropServices;

namespace Outrider.Tests.Modules;

/// <summary>
/// The bytes of this process that somebody still holds: objects that a collection leaves, and what malloc gave out and has not
/// got back. Unlike resident memory it does not know what the collector keeps for later.
/// </summary>
internal static partial class LiveMemory
{
    internal static long Bytes()
    {
        // The second one takes what the finalizers of the first let go.
        _ = GC.GetTotalMemory(forceFullCollection: true);
        GC.WaitForPendingFinalizers();
        var native = GetMallocInfo();
        return GC.GetTotalMemory(forceFullCollection: true) + (long)(native.InUse + native.Mapped);
    }

    [LibraryImport("libc", EntryPoint = "mallinfo2")]
    private static partial MallocInfo GetMallocInfo();

    // malloc's struct mallinfo2: mallinfo(3). Over all arenas.
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct MallocInfo
    {
        private readonly nuint _arena, _ordinaryBlocks, _fastBlocks, _mappedBlocks;
        internal readonly nuint Mapped;
        private readonly nuint _maximum, _freeFast;
        internal readonly nuint InUse;
        private readonly nuint _free, _releasable;
    }
}
