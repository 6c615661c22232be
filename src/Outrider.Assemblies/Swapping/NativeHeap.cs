using System.Runtime.InteropServices;

namespace Outrider.Assemblies.Swapping;

/// <summary>The C library's heap, where the runtime keeps what it knows of loaded code.</summary>
internal static partial class NativeHeap
{
    private static bool s_isMissing;

    /// <summary>Gives back to the system what is free in it (malloc_trim(3)); does nothing where the C library has no such function (musl).</summary>
    internal static void Trim()
    {
        if (s_isMissing)
        {
            return;
        }

        try
        {
            _ = Trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            s_isMissing = true;
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint pad);
}
