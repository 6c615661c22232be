using Outrider.Net.Loops;

namespace Outrider.Tests.Net;

/// <summary>A loop that runs for the length of a test.</summary>
public sealed class LoopFixture : IAsyncDisposable
{
    public LoopFixture()
    {
        Loop = new EventLoop(0) { UnhandledException = Failures.Add };
        Loop.Start();
    }

    public EventLoop Loop { get; }

    /// <summary>What the loop's callbacks threw. Only to be looked at while the loop does nothing.</summary>
    public List<Exception> Failures { get; } = [];

    public async ValueTask DisposeAsync()
    {
        Loop.Stop();
        await Loop.Stopped.WaitAsync(TimeSpan.FromSeconds(20));
        Loop.Dispose();
    }
}
