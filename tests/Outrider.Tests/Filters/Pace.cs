namespace Outrider.Tests.Filters;

/// <summary>How a scripted filter takes its time before it answers.</summary>
public enum Pace
{
    /// <summary>It does not: the call has completed when it returns.</summary>
    AtOnce,

    /// <summary><c>await Task.Yield()</c>.</summary>
    Yielding,

    /// <summary><c>await Task.Delay(…)</c>.</summary>
    Delayed,

    /// <summary>Waits for something that another thread completes.</summary>
    OtherThread,

    /// <summary>Awaits a library that says <c>ConfigureAwait(false)</c> inside.</summary>
    Library,
}

/// <summary>Every pace, for theories.</summary>
public sealed class Paces : TheoryData<Pace>
{
    public Paces() => AddRange(Enum.GetValues<Pace>());

    internal static async Task WaitAsync(Pace pace)
    {
        switch (pace)
        {
            case Pace.Yielding:
                await Task.Yield();
                break;
            case Pace.Delayed:
                await Task.Delay(2);
                break;
            case Pace.OtherThread:
                var done = new TaskCompletionSource();
                var thread = new Thread(() => done.SetResult()) { IsBackground = true };
                thread.Start();
                await done.Task;
                break;
            case Pace.Library:
                await LibraryAsync();
                break;
            default:
                break;
        }
    }

    private static async Task LibraryAsync()
    {
        await Task.Delay(1).ConfigureAwait(false);
        await Task.Yield();
    }
}
