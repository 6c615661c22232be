using System.Runtime.InteropServices;

namespace Outrider.Upstream.Balancing;

/// <summary>
/// Where the process stands in a round, whatever loop a request comes to. All loops write it, so it has two cache lines of
/// padding on either side: x86 fetches them in pairs, and Arm's big cores have them of 128 bytes.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 264)]
internal struct RoundCursor
{
    [FieldOffset(128)]
    private ulong _turns;

    /// <summary>The next index of the round, which begins with the first. Any thread.</summary>
    public int Advance(int count) => (int)((Interlocked.Increment(ref _turns) - 1) % (ulong)count);
}
