using Outrider.Plugins.Modules.Libraries;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Modules;

/// <summary>Events wait in their order, up to a limit, and whoever takes them is called for once.</summary>
public sealed class EventQueueTests
{
    [Fact]
    public void It_takes_what_it_has_room_for_and_calls_for_its_reader_once()
    {
        var queue = new EventQueue(2);
        Assert.Equal(
            [EventQueueResult.First, EventQueueResult.Added, EventQueueResult.FirstDropped, EventQueueResult.Dropped],
            Enumerable.Range(1, 4).Select(id => queue.Add((ulong)id)));
        Assert.Equal(2, queue.Count);
        Assert.True(queue.TryTake(out ulong id));
        Assert.Equal(1UL, id);
        // There is room again, and the reader is at it.
        Assert.Equal(EventQueueResult.Added, queue.Add(5));
        Assert.Equal(EventQueueResult.Dropped, queue.Add(6));
        Assert.True(queue.TryTake(out id));
        Assert.Equal(2UL, id);
        Assert.True(queue.End());
        Assert.True(queue.TryTake(out id));
        Assert.Equal(5UL, id);
        Assert.False(queue.TryTake(out _));
        Assert.False(queue.End());
        Assert.Equal(EventQueueResult.First, queue.Add(7));
        Assert.Equal(EventQueueResult.Added, queue.Add(8));
        Assert.Equal(EventQueueResult.FirstDropped, queue.Add(9));
    }

    [Fact]
    public void It_is_at_rest_when_nothing_waits_and_its_reader_has_said_that_it_is_done()
    {
        var queue = new EventQueue(2);
        Assert.True(queue.IsAtRest);
        _ = queue.Add(1);
        Assert.False(queue.IsAtRest);
        Assert.True(queue.TryTake(out _));
        Assert.False(queue.IsAtRest);
        Assert.False(queue.End());
        Assert.True(queue.IsAtRest);
    }

    [Fact]
    public void Of_a_flood_nothing_stays_and_what_is_usual_takes_no_memory()
    {
        var queue = new EventQueue(100_000);
        for (ulong id = 0; id < 100_000; id++)
        {
            _ = queue.Add(id);
        }

        for (ulong expected = 0; queue.TryTake(out ulong id); expected++)
        {
            Assert.Equal(expected, id);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(queue.End());
        // What takes the place of the large one is a small one, or none.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1024);

        Allocation.AssertNone(() =>
        {
            _ = queue.Add(1);
            _ = queue.Add(2);
            if (!queue.TryTake(out _) || !queue.TryTake(out _) || queue.End())
            {
                throw new InvalidOperationException("the events are not there");
            }
        });
    }

    [Fact]
    public async Task Of_what_many_threads_add_each_is_taken_once()
    {
        const int threads = 4, each = 20_000;
        var queue = new EventQueue(threads * each);
        long calls = 0, sum = 0;
        int taken = 0;
        // Whoever is told to call runs the reader itself, as the loop would: never two at once.
        int running = 0;
        void Read()
        {
            do
            {
                Assert.Equal(1, Interlocked.Increment(ref running));
                while (queue.TryTake(out ulong id))
                {
                    sum += (long)id;
                    taken++;
                }

                _ = Interlocked.Decrement(ref running);
            }
            while (queue.End());
        }

        await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Run(() =>
        {
            for (int i = 0; i < each; i++)
            {
                if (queue.Add((ulong)((thread * each) + i)) == EventQueueResult.First)
                {
                    _ = Interlocked.Increment(ref calls);
                    Read();
                }
            }
        }))).SoonAsync();

        Assert.True(queue.IsAtRest);
        Assert.InRange(calls, 1, threads * each);
        Assert.Equal(threads * each, taken);
        Assert.Equal(Enumerable.Range(0, threads * each).Sum(static i => (long)i), sum);
    }
}
