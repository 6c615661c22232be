using Outrider.Plugins.Modules.Streams;
using Outrider.Tests.Harness;
using Outrider.Tests.Net;

namespace Outrider.Tests.Modules;

/// <summary>A filter's turn on its loop comes when the call at hand is over, once, and not for a stream that has ended.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "IAsyncLifetime disposes.")]
public sealed class LateTurnTests : IAsyncLifetime
{
    private readonly LoopFixture _fixture = new();
    private readonly LateTurn _turn;
    private Action _then = static () => { };
    private int _count;

    public LateTurnTests() => _turn = new LateTurn(() =>
    {
        _count++;
        _then();
    });

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _fixture.DisposeAsync();

    [Fact]
    public async Task It_comes_behind_the_call_at_hand_and_once_however_often_it_was_asked_for()
    {
        await OnLoopAsync(() =>
        {
            Ask();
            Ask();
            Assert.Equal(0, _count);
        });

        await OnLoopAsync(() => Assert.Equal(1, _count));
        await OnLoopAsync(Ask);
        await OnLoopAsync(() => Assert.Equal(2, _count));
    }

    [Fact]
    public async Task A_stream_that_is_over_by_then_has_none()
    {
        await OnLoopAsync(() =>
        {
            Ask();
            _turn.Reset();
        });

        await OnLoopAsync(() => Assert.Equal(0, _count));
    }

    [Fact]
    public async Task The_next_stream_has_its_own_and_not_the_one_of_the_stream_before()
    {
        await OnLoopAsync(() =>
        {
            Ask();
            _turn.Reset();
            Ask();
            Assert.Equal(0, _count);
        });
        await OnLoopAsync(() => Assert.Equal(1, _count));

        // The one that asked is over, and the next asks for nothing.
        await OnLoopAsync(() =>
        {
            Ask();
            _turn.Reset();
        });
        await OnLoopAsync(() => Assert.Equal(1, _count));
        await OnLoopAsync(Ask);
        await OnLoopAsync(() => Assert.Equal(2, _count));
    }

    [Fact]
    public async Task What_asks_in_its_turn_has_another_behind_it()
    {
        await OnLoopAsync(() =>
        {
            _then = () =>
            {
                _then = static () => { };
                Ask();
                Assert.Equal(1, _count);
            };
            Ask();
        });

        await Eventually.HoldsAsync(() => Volatile.Read(ref _count) == 2);
        await OnLoopAsync(() => Assert.Equal(2, _count));
        Assert.Empty(_fixture.Failures);
    }

    [Fact]
    public async Task A_turn_that_fails_is_reported_and_is_not_the_last()
    {
        await OnLoopAsync(() =>
        {
            _then = static () => throw new InvalidOperationException("the turn failed");
            Ask();
        });
        await OnLoopAsync(() =>
        {
            Assert.Equal("the turn failed", Assert.Single(_fixture.Failures).Message);
            Assert.Equal(1, _count);
            _then = static () => { };
            Ask();
        });

        await OnLoopAsync(() => Assert.Equal(2, _count));
        Assert.Single(_fixture.Failures);
    }

    [Fact]
    public async Task Asking_takes_no_memory()
    {
        const int rounds = 20, turns = 100;
        long least = long.MaxValue, before = 0;
        await OnLoopAsync(() =>
        {
            _then = () =>
            {
                if (_count % turns == 0)
                {
                    // The first rounds are compiled and build what is built once.
                    least = before == 0 ? least : Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
                    before = GC.GetAllocatedBytesForCurrentThread();
                }

                if (_count < rounds * turns)
                {
                    Ask();
                }
            };
            Ask();
        });

        await Eventually.HoldsAsync(() => Volatile.Read(ref _count) == rounds * turns);
        await OnLoopAsync(() => Assert.Equal(0, least));
    }

    private void Ask() => _turn.Ask(_fixture.Loop);

    private Task OnLoopAsync(Action action) => _fixture.Loop.InvokeAsync(action).SoonAsync();
}
