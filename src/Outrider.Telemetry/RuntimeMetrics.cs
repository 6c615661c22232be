using System.Buffers.Text;

namespace Outrider.Telemetry;

/// <summary>What the process costs, at one moment. Any thread; reading takes some system calls.</summary>
/// <param name="AllocatedBytes">Bytes ever allocated on the managed heap, in the runtime's steps of some kilobytes for each thread.</param>
/// <param name="Collections">Garbage collections, by generation (0 to 2).</param>
/// <param name="HeapBytes">The managed heap's size.</param>
/// <param name="ResidentBytes">Memory that the process occupies; 0 where <c>/proc</c> does not tell.</param>
/// <param name="Uptime">Since the process started.</param>
/// <param name="OpenFileDescriptors">Open descriptors; 0 where <c>/proc</c> does not tell.</param>
/// <param name="ProcessorTime">What the process took of the cores, in user and in system mode.</param>
internal sealed record RuntimeMetrics(
    long AllocatedBytes,
    IReadOnlyList<int> Collections,
    long HeapBytes,
    long ResidentBytes,
    TimeSpan Uptime,
    int OpenFileDescriptors,
    TimeSpan ProcessorTime)
{
    private static readonly DateTime s_started = Started();

    /// <summary>Reads all of them now.</summary>
    public static RuntimeMetrics Read() => new(
        GC.GetTotalAllocatedBytes(precise: false),
        [GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2)],
        GC.GetTotalMemory(forceFullCollection: false),
        ReadResidentBytes(),
        DateTime.UtcNow - s_started,
        CountOpenFileDescriptors(),
        Environment.CpuUsage.TotalTime);

    private static DateTime Started()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.StartTime.ToUniversalTime();
    }

    /// <summary>Memory that the process occupies; 0 where the system does not tell.</summary>
    // proc_pid_statm(5): size and resident, in pages.
    internal static long ReadResidentBytes()
    {
        try
        {
            ReadOnlySpan<byte> statm = File.ReadAllBytes("/proc/self/statm");
            ReadOnlySpan<byte> resident = statm[(statm.IndexOf((byte)' ') + 1)..];
            return Utf8Parser.TryParse(resident, out long pages, out _) ? pages * Environment.SystemPageSize : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static int CountOpenFileDescriptors()
    {
        try
        {
            // One of them is the listing's own.
            return Directory.EnumerateFileSystemEntries("/proc/self/fd").Count() - 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
