using System.Globalization;
using Outrider.Filters;
using Outrider.Net.Loops;

namespace Outrider.Proxy.Server;

/// <summary>Which loops are stuck, as <see cref="LoopWatchdog"/> says, and how one waits for loops without waiting for those. Any thread.</summary>
/// <param name="loops">How many loops there are.</param>
/// <param name="log">Told of what goes on without a loop.</param>
internal sealed class LoopHealth(int loops, Action<StreamLogLevel, string> log)
{
    private const int LookMilliseconds = 20;

    private readonly bool[] _stuck = new bool[loops];

    /// <summary>Is the loop stuck in one call-back?</summary>
    internal bool IsStuck(EventLoop loop) => Volatile.Read(ref _stuck[loop.Index]);

    /// <summary>It is, or not any more.</summary>
    internal void Set(EventLoop loop, bool isStuck) => Volatile.Write(ref _stuck[loop.Index], isStuck);

    /// <summary>Waits for something that a loop has to do. False: the loop is stuck, and does it when it goes on, if ever; the log says so.</summary>
    internal async Task<bool> WaitAsync(EventLoop loop, Task task)
    {
        while (!task.IsCompleted)
        {
            if (IsStuck(loop))
            {
                log(StreamLogLevel.Warn, string.Create(CultureInfo.InvariantCulture, $"loop {loop.Index} is stuck: going on without it; it follows when it can"));
                return false;
            }

            _ = await Task.WhenAny(task, Task.Delay(LookMilliseconds)).ConfigureAwait(false);
        }

        await task.ConfigureAwait(false);
        return true;
    }
}
