using System.Globalization;
using System.Runtime.InteropServices;

namespace Outrider.Tests.Modules;

/// <summary>Sends .NET's suspension signal to every loop (or thread of another name) of a process each 20 µs, from a thread of its own, until it is disposed.</summary>
internal sealed partial class SignalStorm : IDisposable
{
    private const int Suspension = 34;

    private readonly int _process;
    private readonly int[] _loops;
    private readonly Thread _thread;
    private volatile bool _stop;
    private long _sent;

    private SignalStorm(int process, int[] loops)
    {
        _process = process;
        _loops = loops;
        _thread = new Thread(Run) { IsBackground = true };
    }

    internal long Sent => Interlocked.Read(ref _sent);

    internal static SignalStorm Begin(int process, string threads = "loop")
    {
        int[] loops = [.. Directory.GetDirectories($"/proc/{process}/task")
            .Where(task => File.ReadAllText(Path.Combine(task, "comm")).StartsWith(threads, StringComparison.Ordinal))
            .Select(task => int.Parse(Path.GetFileName(task), CultureInfo.InvariantCulture))];
        Assert.NotEmpty(loops);
        var storm = new SignalStorm(process, loops);
        storm._thread.Start();
        return storm;
    }

    public void Dispose()
    {
        _stop = true;
        _thread.Join();
    }

    private unsafe void Run()
    {
        // struct timespec: seconds, nanoseconds.
        long* pause = stackalloc long[2] { 0, 20_000 };
        while (!_stop)
        {
            foreach (int loop in _loops)
            {
                if (tgkill(_process, loop, Suspension) == 0)
                {
                    _sent++;
                }
            }

            _ = nanosleep(pause, null);
        }
    }

    [LibraryImport("libc")]
    private static partial int tgkill(int process, int thread, int signal);

    [LibraryImport("libc")]
    private static unsafe partial int nanosleep(long* wanted, long* left);
}
