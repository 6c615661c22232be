using System.Runtime.CompilerServices;
using Outrider.Http.V2.Sending;
using Outrider.Http.V2.Server;

namespace Outrider.Tests.Http.V2;

/// <summary>What a connection knows of its streams: those that are open, and those that ended last.</summary>
public sealed class StreamTableTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(500)]
    public void Streams_are_found_by_their_numbers_until_they_are_removed(int count)
    {
        var table = default(StreamTable);
        var model = new Dictionary<int, Http2ServerStream>();
        var random = new Random(count);
        for (int step = 0, id = 1; step < 4000; step++)
        {
            if (model.Count < count && random.Next(2) == 0)
            {
                var stream = Stream(id);
                model.Add(id, stream);
                table.Add(stream);
                id += 2;
            }
            else if (model.Count > 0)
            {
                var (number, stream) = model.ElementAt(random.Next(model.Count));
                Assert.Same(stream, table.Find(number));
                table.Remove(stream);
                _ = model.Remove(number);
                Assert.Null(table.Find(number));
            }

            Assert.Equal(model.Count, table.Count);
            Assert.Null(table.Find(id));
        }

        var all = new Http2ServerStream[table.Count];
        table.CopyTo(all);
        Assert.Equal(model.Values.ToHashSet(), all.ToHashSet());
    }

    [Fact]
    public void A_few_streams_take_no_memory_of_the_table()
    {
        var streams = Enumerable.Range(0, 8).Select(i => Stream((2 * i) + 1)).ToArray();
        var table = default(StreamTable);

        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var stream in streams)
        {
            table.Add(stream);
        }

        foreach (var stream in streams)
        {
            table.Remove(stream);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void The_last_32_that_ended_are_known_with_how_they_did()
    {
        var closed = default(ClosedStreams);
        for (int i = 0; i < 100; i++)
        {
            closed.Add((2 * i) + 1, wasReset: i % 3 == 0);
            for (int j = Math.Max(0, i - 31); j <= i; j++)
            {
                Assert.Equal(j % 3 == 0, closed.WasReset((2 * j) + 1));
                Assert.Equal(j % 3 != 0, closed.IsEnded((2 * j) + 1));
            }

            int before = Math.Max(1, (2 * (i - 32)) + 1);
            Assert.False(i >= 32 && (closed.IsEnded(before) || closed.WasReset(before)));
        }

        closed.OnPeerReset(199);
        Assert.True(closed.IsEnded(199));
        Assert.False(closed.WasReset(199));
    }

    private static Http2ServerStream Stream(int id)
    {
        var stream = new Http2ServerStream();
        Number(stream) = id;
        return stream;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<Id>k__BackingField")]
    private static extern ref int Number(SendingStream stream);
}
