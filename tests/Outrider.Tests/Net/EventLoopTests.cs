using System.Diagnostics;
using Outrider.Net.Loops;
using Outrider.Net.Timers;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Net;

public sealed class EventLoopTests
{
    [Fact]
    public async Task What_is_posted_runs_on_the_loops_thread_in_order()
    {
        await using var fixture = new LoopFixture();
        var loop = fixture.Loop;
        var order = new List<int>();
        var done = new TaskCompletionSource();

        for (int i = 0; i < 1_000; i++)
        {
            loop.Post(state =>
            {
                Assert.True(loop.IsCurrent);
                Assert.Same(loop, EventLoop.Current);
                order.Add((int)state!);
            }, i);
        }

        loop.Post(_ => done.SetResult(), null);
        await done.Task.SoonAsync();

        Assert.Equal(Enumerable.Range(0, 1_000), order);
        Assert.Empty(fixture.Failures);
        Assert.Null(EventLoop.Current);
    }

    [Fact]
    public async Task Posts_from_many_threads_all_arrive()
    {
        await using var fixture = new LoopFixture();
        int count = 0;

        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (int i = 0; i < 5_000; i++)
            {
                fixture.Loop.Post(_ => count++, null);
            }
        })));
        await fixture.Loop.InvokeAsync(() => { }).SoonAsync();

        Assert.Equal(40_000, count);
    }

    [Fact]
    public async Task What_posts_itself_again_does_not_keep_the_loop_from_other_work()
    {
        await using var fixture = new LoopFixture();
        bool stop = false;
        int runs = 0;
        void Again(object? state)
        {
            runs++;
            if (!Volatile.Read(ref stop))
            {
                fixture.Loop.Post(Again, null);
            }
        }

        fixture.Loop.Post(Again, null);
        var timer = new CallbackTimer();
        await fixture.Loop.InvokeAsync(() => fixture.Loop.Arm(timer, 20)).SoonAsync();
        await timer.Fired.Task.SoonAsync();
        Volatile.Write(ref stop, true);

        Assert.True(runs > 0);
    }

    [Fact]
    public async Task After_an_await_the_code_goes_on_on_the_loop()
    {
        await using var fixture = new LoopFixture();
        var loop = fixture.Loop;
        var result = new TaskCompletionSource<bool>();

        loop.Post(async _ =>
        {
            await Task.Delay(5);
            bool afterDelay = loop.IsCurrent;
            await Task.Run(() => Assert.False(loop.IsCurrent));
            bool afterRun = loop.IsCurrent;
            await Task.Yield();
            result.SetResult(afterDelay && afterRun && loop.IsCurrent);
        }, null);

        Assert.True(await result.Task.SoonAsync());
    }

    [Fact]
    public async Task A_send_to_the_loops_context_runs_there_and_waits()
    {
        await using var fixture = new LoopFixture();
        SynchronizationContext? context = null;
        await fixture.Loop.InvokeAsync(() => context = SynchronizationContext.Current).SoonAsync();
        bool outside = false;
        bool inside = false;

        await Task.Run(() => context!.Send(_ => outside = fixture.Loop.IsCurrent, null)).SoonAsync();
        await fixture.Loop.InvokeAsync(() => context!.Send(_ => inside = fixture.Loop.IsCurrent, null)).SoonAsync();

        Assert.True(outside && inside);
    }

    [Fact]
    public async Task What_throws_is_reported_and_the_loop_goes_on()
    {
        await using var fixture = new LoopFixture();
        var timer = new CallbackTimer { Throws = true };

        fixture.Loop.Post(_ => throw new InvalidOperationException("posted"), null);
        await fixture.Loop.InvokeAsync(() => fixture.Loop.Arm(timer, 1)).SoonAsync();
        await timer.Fired.Task.SoonAsync();
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => fixture.Loop.InvokeAsync(() => throw new InvalidOperationException("invoked")).SoonAsync());

        Assert.Equal("invoked", e.Message);
        Assert.Equal(["posted", "timer"], fixture.Failures.Select(f => f.Message));
    }

    [Fact]
    public async Task A_timer_fires_not_before_its_time()
    {
        await using var fixture = new LoopFixture();
        var timer = new CallbackTimer();
        long start = Stopwatch.GetTimestamp();

        await fixture.Loop.InvokeAsync(() => fixture.Loop.Arm(timer, 100)).SoonAsync();
        await timer.Fired.Task.SoonAsync();

        // The loop's clock has whole milliseconds, and may be one behind when the timer is set.
        Assert.True(Stopwatch.GetElapsedTime(start).TotalMilliseconds >= 80);
    }

    [Fact]
    public async Task A_post_after_the_end_is_harmless()
    {
        var fixture = new LoopFixture();
        await fixture.DisposeAsync();

        fixture.Loop.Post(_ => { }, null);
        fixture.Loop.Post(_ => { }, null);
    }

    private sealed class CallbackTimer : LoopTimer
    {
        internal TaskCompletionSource Fired { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal bool Throws { get; init; }

        protected internal override void OnTimer()
        {
            Fired.SetResult();
            if (Throws)
            {
                throw new InvalidOperationException("timer");
            }
        }
    }
}
