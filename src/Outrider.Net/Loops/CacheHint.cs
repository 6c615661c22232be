using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Outrider.Net.Loops;

/// <summary>
/// Says to the processor what will be read soon. Between two events of a connection the kernel and other connections have had the caches, so
/// its objects come from memory; asked for while another connection is served, they are there in time. Nothing happens on a processor that is
/// not of x86, and nothing that a program could tell by more than a clock on one that is.
/// </summary>
internal static unsafe class CacheHint
{
    private const int LineSize = 64;

    /// <summary>The object, of so many bytes, will be read soon. The collector may move it meanwhile: then the hint is of no use.</summary>
    internal static void Soon(object target, int size)
    {
        if (!Sse.IsSupported)
        {
            return;
        }

        byte* start = (byte*)Unsafe.As<object, nint>(ref target);
        for (int at = 0; at < size; at += LineSize)
        {
            Sse.Prefetch0(start + at);
        }
    }
}
