using System.Runtime.InteropServices;

namespace Outrider.Envoy;

/// <summary>
/// Keeps the library in the process for good. A NativeAOT library cannot be unloaded: its threads and its thread-local
/// destructors outlive a <c>dlclose</c>, and the process crashes later. So it opens itself once more with
/// <c>RTLD_NODELETE</c> (dlopen(3)), and whatever its host does with its own handle is harmless.
/// </summary>
internal static unsafe partial class LibraryPin
{
    private const int RtldLazy = 1;
    private const int RtldNoLoad = 4;
    private const int RtldNoDelete = 0x1000;

    internal static void Pin()
    {
        DlInfo info;
        delegate* unmanaged<void> here = &Here;
        if (DlAddr((nint)here, &info) == 0 || info.FileName == null)
        {
            throw new InvalidOperationException("the library does not find itself in the process");
        }

        if (DlOpen(info.FileName, RtldLazy | RtldNoLoad | RtldNoDelete) == 0)
        {
            throw new InvalidOperationException($"the library cannot be pinned: {Marshal.PtrToStringUTF8((nint)info.FileName)}");
        }
    }

    // An address inside the library.
    [UnmanagedCallersOnly]
    private static void Here()
    {
    }

    [LibraryImport("libc", EntryPoint = "dladdr")]
    private static partial int DlAddr(nint address, DlInfo* info);

    [LibraryImport("libc", EntryPoint = "dlopen")]
    private static partial nint DlOpen(byte* fileName, int flags);

    private struct DlInfo
    {
        public byte* FileName;
        public nint FileBase;
        public byte* SymbolName;
        public nint SymbolAddress;
    }
}
