namespace Outrider.Tests.Filters;

/// <summary>How a filter's work that nobody awaits comes back after the stream's end.</summary>
public enum Return
{
    /// <summary>It never was on the loop.</summary>
    TaskRun,

    /// <summary>It left the loop.</summary>
    WithoutContext,

    /// <summary>On the very loop that the stream lived on, where no look at the thread tells.</summary>
    SameLoop,

    /// <summary>There as well, by a clock, which does not ask whether the stream has ended.</summary>
    Delay,
}

/// <summary>Something that a filter kept of its stream, and what becomes of touching it.</summary>
internal sealed record KeptPart(string Name, Func<object?> Touch)
{
    /// <summary>Comes back once <paramref name="again"/> has completed, in that way, and touches everything.</summary>
    internal static Task<string[]> TouchAllAsync(Return way, Task again, List<KeptPart> parts) => way switch
    {
        Return.TaskRun => Task.Run(async () =>
        {
            await again;
            return TouchAll(parts);
        }),
        Return.WithoutContext => WithoutContextAsync(again, parts),
        Return.Delay => DelayAsync(parts),
        _ => SameLoopAsync(again, parts),
    };

    private static async Task<string[]> WithoutContextAsync(Task again, List<KeptPart> parts)
    {
        await again.ConfigureAwait(false);
        return TouchAll(parts);
    }

    private static async Task<string[]> SameLoopAsync(Task again, List<KeptPart> parts)
    {
        int thread = Environment.CurrentManagedThreadId;
        await again;
        Assert.Equal(thread, Environment.CurrentManagedThreadId);
        return TouchAll(parts);
    }

    private static async Task<string[]> DelayAsync(List<KeptPart> parts)
    {
        int thread = Environment.CurrentManagedThreadId;
        // By then the stream has ended, however busy the machine is.
        await Task.Delay(3000);
        Assert.Equal(thread, Environment.CurrentManagedThreadId);
        return TouchAll(parts);
    }

    private static string[] TouchAll(List<KeptPart> parts) => [.. parts.Select(part => part.Name + ": " + part.Outcome())];

    private string Outcome()
    {
        try
        {
            object? result = Touch();
            return result is Task { IsFaulted: true } failed ? failed.Exception!.InnerException!.GetType().Name : "gave " + (result ?? "nothing");
        }
        catch (Exception e)
        {
            return e.GetType().Name;
        }
    }
}
