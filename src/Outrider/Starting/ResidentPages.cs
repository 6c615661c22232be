using System.Globalization;
using System.Runtime.InteropServices;

namespace Outrider.Starting;

/// <summary>
/// Gives back what only the start has looked at of the program's own files: some 45 MB of libraries are mapped by then, of which a
/// proxy's work wants a third. They stay in the kernel's file cache, from where the first use of a page maps it again, sixteen at a time.
/// </summary>
internal static unsafe partial class ResidentPages
{
    // asm-generic/mman-common.h.
    private const int DontNeed = 4;

    /// <summary>Does it, once, at the end of the start: no library is being loaded then. Where there is no /proc, or an old one, nothing happens.</summary>
    internal static void Release()
    {
        nint start = 0, end = 0;
        bool isCandidate = false;
        // proc_pid_smaps(5): a line with the range, its permissions and its file, then what it consists of.
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            if (IsRange(line))
            {
                isCandidate = TryRead(line, out start, out end);
            }
            else if (isCandidate && line.StartsWith("Anonymous:", StringComparison.Ordinal) && IsZero(line))
            {
                _ = Advise(start, end - start, DontNeed);
            }
        }

        // The lines that were read are garbage; and a collection's own code is wanted in any case: here it comes back before anybody waits.
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    private static bool IsRange(string line) => char.IsAsciiHexDigitLower(line[0]);

    // Of a file, and nobody writes there: what the file has is all that there is, unless somebody wrote before, and then it is counted as
    // anonymous memory.
    private static bool TryRead(string line, out nint start, out nint end)
    {
        start = end = 0;
        int dash = line.IndexOf('-', StringComparison.Ordinal), blank = line.IndexOf(' ', StringComparison.Ordinal);
        return dash > 0 && blank > dash && line.AsSpan(blank + 1) is ['r', '-', 'x' or '-', 'p', ..] && line.Contains(" /", StringComparison.Ordinal)
            && !line.EndsWith(" (deleted)", StringComparison.Ordinal)
            && nint.TryParse(line.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out start)
            && nint.TryParse(line.AsSpan(dash + 1, blank - dash - 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out end);
    }

    private static bool IsZero(string line) => line.AsSpan(line.IndexOf(':', StringComparison.Ordinal) + 1).Trim() is "0 kB";

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nint length, int advice);
}
