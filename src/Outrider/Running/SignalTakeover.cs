using System.Globalization;
using System.Runtime.InteropServices;

namespace Outrider.Running;

/// <summary>
/// Makes signals that the process was started to ignore (<c>nohup</c> for SIGHUP, a script's <c>&amp;</c> for SIGINT, <c>./outrider start</c> until it
/// listens to them) able to be received: .NET leaves an ignored signal ignored, and its registrations then hear nothing.
/// </summary>
internal static partial class SignalTakeover
{
    /// <summary>Takes those that are ignored out of being so. To be called before .NET's registrations for them.</summary>
    /// <param name="signals">Their numbers.</param>
    internal static void Take(params ReadOnlySpan<int> signals)
    {
        ulong ignored = Ignored();
        foreach (int signal in signals)
        {
            if ((ignored >> (signal - 1) & 1) != 0)
            {
                // Until .NET's own handler takes its place (which then calls it as well), a signal must neither kill nor need a
                // managed handler, which may not run wherever a signal hits: a function of libc that does nothing, and that is
                // safe there (signal-safety(7)).
                _ = Set(signal, NativeLibrary.GetExport(NativeLibrary.Load("libc", typeof(SignalTakeover).Assembly, null), "getpid"));
            }
        }
    }

    // proc_pid_status(5): a hexadecimal mask, the lowest bit is signal 1. Where there is no /proc nothing is known to be ignored.
    private static ulong Ignored()
    {
        const string Name = "SigIgn:";
        try
        {
            string? line = File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
            return ulong.TryParse(line.AsSpan(line is null ? 0 : Name.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong mask) ? mask : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Set(int signal, nint handler);
}
