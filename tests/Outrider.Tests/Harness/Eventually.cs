using System.Runtime.CompilerServices;

namespace Outrider.Tests.Harness;

/// <summary>Waits for what happens soon on another thread or in another process. The limit is for a failure: a machine with ten times its work is slow, too, but not that slow.</summary>
internal static class Eventually
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Returns when the condition holds.</summary>
    internal static async Task HoldsAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        long end = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < end, "this never came true: " + text);
            await Task.Delay(10);
        }
    }

    /// <summary>As <see cref="HoldsAsync(Func{bool}, string)"/>, for what has to be asked for.</summary>
    /// <param name="condition">Asks.</param>
    /// <param name="patience">For what takes longer on a busy machine, such as a build; <see cref="Patience"/> where nothing is said.</param>
    /// <param name="text">The condition's own.</param>
    internal static async Task HoldsAsync(Func<Task<bool>> condition, TimeSpan? patience = null, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        long end = Environment.TickCount64 + (long)(patience ?? Patience).TotalMilliseconds;
        while (!await condition())
        {
            Assert.True(Environment.TickCount64 < end, "this never came true: " + text);
            await Task.Delay(20);
        }
    }

    /// <summary>Returns when the assertions hold. What they look at may be counted or written a moment after the client has its answer.</summary>
    internal static async Task PassesAsync(Func<Task> assertions)
    {
        for (long end = Environment.TickCount64 + (long)Patience.TotalMilliseconds; ; await Task.Delay(20))
        {
            try
            {
                await assertions();
                return;
            }
            catch (Exception e) when (e is Xunit.Sdk.XunitException && Environment.TickCount64 < end)
            {
                // Not yet.
            }
        }
    }

    /// <summary>The task's result, or a failure of the test when it does not come.</summary>
    internal static Task<T> SoonAsync<T>(this Task<T> task) => task.WaitAsync(Patience);

    /// <inheritdoc cref="SoonAsync{T}"/>
    internal static Task SoonAsync(this Task task) => task.WaitAsync(Patience);
}
