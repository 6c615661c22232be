using System.Collections.Concurrent;
using System.Diagnostics;

namespace Outrider.Plugins.Processes.Launching;

/// <summary>
/// The thread that starts all children. The kernel sends the signal of <c>PR_SET_PDEATHSIG</c> when the <em>thread</em> that made
/// a child ends, not its process (prctl(2)); so this one lives as long as the process, which those of the pool do not.
/// </summary>
internal static class ProcessThread
{
    private static readonly BlockingCollection<(ProcessStartInfo Start, TaskCompletionSource<Process> Started)> s_work = [];
    private static readonly Thread s_thread = Begin();

    /// <summary>Starts a process.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">It cannot be started.</exception>
    internal static Task<Process> StartAsync(ProcessStartInfo start)
    {
        Debug.Assert(s_thread.IsAlive);
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        s_work.Add((start, started));
        return started.Task;
    }

    private static Thread Begin()
    {
        var thread = new Thread(Run, maxStackSize: 256 * 1024) { IsBackground = true, Name = "plugin processes" };
        thread.Start();
        return thread;
    }

    private static void Run()
    {
        foreach (var (start, started) in s_work.GetConsumingEnumerable())
        {
            try
            {
                started.SetResult(Process.Start(start) ?? throw new InvalidOperationException("no process"));
            }
            catch (Exception e)
            {
                started.SetException(e);
            }
        }
    }
}
