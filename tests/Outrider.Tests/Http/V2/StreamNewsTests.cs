using Outrider.Http.V2.Connections;
using Outrider.Http.V2.Sending;
using Outrider.Tests.Harness;
using Outrider.Tests.Net;

namespace Outrider.Tests.Http.V2;

/// <summary>Streams that are told what could not be told within a call.</summary>
public sealed class StreamNewsTests
{
    [Fact]
    public async Task Streams_are_told_in_their_order_and_not_within_the_call()
    {
        await using var fixture = new LoopFixture();
        var told = new List<int>();
        var news = new StreamNews(fixture.Loop);

        await fixture.Loop.InvokeAsync(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                news.Add(new Stream(i, told));
            }

            Assert.Empty(told);
        });
        await Eventually.HoldsAsync(() => Volatile.Read(ref told).Count == 1000);

        Assert.Equal(Enumerable.Range(0, 1000), told);
    }

    [Fact]
    public async Task Those_that_come_meanwhile_have_their_own_turn()
    {
        await using var fixture = new LoopFixture();
        var told = new List<int>();
        var news = new StreamNews(fixture.Loop);
        Stream first = new(1, told), second = new(2, told), third = new(3, told);
        // Itself once more, and another one, while the second waits.
        first.Then = () =>
        {
            first.Then = null;
            news.Add(first);
            news.Add(third);
            fixture.Loop.Post(_ => told.Add(0), null);
        };

        await fixture.Loop.InvokeAsync(() =>
        {
            news.Add(first);
            news.Add(second);
        });
        await Eventually.HoldsAsync(() => told.Count == 5);

        // Their turn was posted before the 0.
        Assert.Equal([1, 2, 1, 3, 0], told);
        Assert.Null(first.NextWithNews);
        Assert.Null(third.NextWithNews);
    }

    [Fact]
    public async Task Telling_takes_no_memory()
    {
        await using var fixture = new LoopFixture();
        var told = new List<int>(100_000);
        var streams = Enumerable.Range(0, 500).Select(i => new Stream(i, told)).ToArray();
        var news = new StreamNews(fixture.Loop);

        await fixture.Loop.InvokeAsync(() =>
        {
            news.Add(streams[0]);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 1; i < streams.Length; i++)
            {
                news.Add(streams[i]);
            }

            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        });
        await Eventually.HoldsAsync(() => told.Count == 500);
    }

    private sealed class Stream(int number, List<int> told) : SendingStream
    {
        internal Action? Then { get; set; }

        internal override void TellNews()
        {
            told.Add(number);
            Then?.Invoke();
        }

        internal override void OnSent()
        {
        }

        internal override void OnAllSent()
        {
        }
    }
}
