using System.Runtime.InteropServices;

namespace Outrider.Upstream.Hosts;

/// <summary>
/// How many failures of a kind a host has had since its last success, on all loops together. Loops write it only when something fails, and read it
/// otherwise, so that it is in every core's cache while all is well; it has cache lines of its own.
/// </summary>
internal sealed class FailureRuns
{
    private Counters _counters;

    [StructLayout(LayoutKind.Explicit, Size = 264)]
    private struct Counters
    {
        [FieldOffset(128)]
        public int ServerErrors;

        [FieldOffset(132)]
        public int GatewayFailures;

        [FieldOffset(136)]
        public int LocalFailures;
    }

    /// <summary>Answers of 500 and above.</summary>
    public ref int ServerErrors => ref _counters.ServerErrors;

    /// <summary>Answers of 502, 503 and 504.</summary>
    public ref int GatewayFailures => ref _counters.GatewayFailures;

    /// <summary>Failures of the network where they are counted apart.</summary>
    public ref int LocalFailures => ref _counters.LocalFailures;

    /// <summary>A run has ended with a success.</summary>
    public static void End(ref int run)
    {
        if (Volatile.Read(ref run) != 0)
        {
            Volatile.Write(ref run, 0);
        }
    }

    /// <summary>All begin again.</summary>
    public void Clear()
    {
        End(ref ServerErrors);
        End(ref GatewayFailures);
        End(ref LocalFailures);
    }
}
