using Outrider.Net.Loops;
using Outrider.Plugins.Modules.Streams;
using Outrider.Tests.Harness;
using Outrider.Tests.Net;

namespace Outrider.Tests.Modules;

/// <summary>A module's way back to a stream's loop is used again for the next stream, and only when nobody has it any more.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "IAsyncLifetime disposes.")]
public sealed class ModuleSchedulerTests : IAsyncLifetime
{
    // No stream has this number: what is committed is taken on the loop, and told to nobody.
    private const nint Nobody = 0;

    private readonly LoopFixture _fixture = new();
    private readonly ModuleScheduler _scheduler = new(maxEvents: 1000);

    private EventLoop Loop => _fixture.Loop;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _fixture.DisposeAsync();
        Assert.Empty(_fixture.Failures);
    }

    [Fact]
    public async Task It_is_not_begun_again_before_the_module_has_deleted_it()
    {
        await OnLoopAsync(() =>
        {
            Assert.True(_scheduler.TryBegin(Loop, Nobody, out nint number));
            Assert.NotEqual(0, number);
            Assert.False(_scheduler.TryBegin(Loop, Nobody, out nint none));
            Assert.Equal(0, none);

            ModuleScheduler.Delete(number);
            Assert.True(_scheduler.TryBegin(Loop, Nobody, out nint next));
            Assert.NotEqual(number, next);
            ModuleScheduler.Delete(next);
        });
    }

    [Fact]
    public async Task It_is_not_begun_again_while_an_event_of_it_waits()
    {
        await OnLoopAsync(() =>
        {
            Assert.True(_scheduler.TryBegin(Loop, Nobody, out nint number));
            Assert.True(ModuleScheduler.Commit(number, 1));
            ModuleScheduler.Delete(number);
            Assert.False(_scheduler.TryBegin(Loop, Nobody, out _));
        });

        // Its turn was posted before this.
        await OnLoopAsync(() =>
        {
            Assert.True(_scheduler.TryBegin(Loop, Nobody, out nint number));
            ModuleScheduler.Delete(number);
        });
    }

    [Fact]
    public async Task What_comes_under_the_number_of_an_earlier_stream_reaches_nobody()
    {
        var scheduler = new ModuleScheduler(maxEvents: 2);
        await OnLoopAsync(() =>
        {
            Assert.True(scheduler.TryBegin(Loop, Nobody, out nint earlier));
            ModuleScheduler.Delete(earlier);
            ModuleScheduler.Delete(earlier);
            Assert.False(ModuleScheduler.Commit(earlier, 1));
            Assert.True(scheduler.TryBegin(Loop, Nobody, out nint number));

            Assert.False(ModuleScheduler.Commit(earlier, 1));
            ModuleScheduler.Delete(earlier);
            // It is still the next stream's, with room for all of its events.
            Assert.True(ModuleScheduler.Commit(number, 1));
            Assert.True(ModuleScheduler.Commit(number, 2));
            Assert.False(ModuleScheduler.Commit(number, 3));
            ModuleScheduler.Delete(number);
        });
    }

    [Fact]
    public void A_number_that_was_never_given_is_nobodys()
    {
        Assert.False(ModuleScheduler.Commit(0, 1));
        Assert.False(ModuleScheduler.Commit(-1, 1));
        ModuleScheduler.Delete(0);
        ModuleScheduler.Delete(nint.MaxValue);
    }

    [Fact]
    public async Task A_thread_that_commits_and_deletes_too_late_disturbs_no_later_use()
    {
        const int uses = 20_000;
        nint current = 0, deleted = 0;
        bool isOver = false;
        long calls = 0;
        var late = Task.Run(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                // By the time that it is committed to, its number is often one of an earlier use.
                _ = ModuleScheduler.Commit(Volatile.Read(ref current), 1);
                ModuleScheduler.Delete(Volatile.Read(ref deleted));
                _ = Interlocked.Increment(ref calls);
            }
        });
        await Eventually.HoldsAsync(() => Volatile.Read(ref calls) > 0);
        int begun = 0;
        for (int i = 0; i < uses / 100; i++)
        {
            await OnLoopAsync(() =>
            {
                for (int j = 0; j < 100; j++)
                {
                    if (!_scheduler.TryBegin(Loop, Nobody, out nint number))
                    {
                        // An event of the last use waits; it is taken when this is over.
                        return;
                    }

                    begun++;
                    Volatile.Write(ref current, number);
                    // Nobody but this deletes it.
                    Assert.False(_scheduler.TryBegin(Loop, Nobody, out _));
                    ModuleScheduler.Delete(number);
                    Volatile.Write(ref deleted, number);
                }
            });
        }

        Volatile.Write(ref isOver, true);
        await late.SoonAsync();
        Assert.InRange(begun, 1, uses);
        await OnLoopAsync(() =>
        {
            Assert.True(_scheduler.TryBegin(Loop, Nobody, out nint number));
            ModuleScheduler.Delete(number);
        });
    }

    [Fact]
    public async Task To_use_it_again_takes_no_memory()
    {
        await OnLoopAsync(() => Allocation.AssertNone(() =>
        {
            if (!_scheduler.TryBegin(Loop, Nobody, out nint number))
            {
                throw new InvalidOperationException("it is in use");
            }

            ModuleScheduler.Delete(number);
        }));
    }

    private Task OnLoopAsync(Action action) => _fixture.Loop.InvokeAsync(action).SoonAsync();
}
