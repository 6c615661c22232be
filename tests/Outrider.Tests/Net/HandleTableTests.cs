using Outrider.Net.Loops;

namespace Outrider.Tests.Net;

/// <summary>Who has which descriptor.</summary>
public sealed class HandleTableTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(5000)]
    [InlineData(1_000_000)]
    public void What_is_set_is_found_under_its_descriptor_alone(int descriptor)
    {
        var table = new HandleTable();
        var handle = new Handle(descriptor);

        table.Set(descriptor, handle);

        Assert.Same(handle, table[descriptor]);
        Assert.Null(table[descriptor + 1]);
        Assert.Null(table[descriptor ^ 1024]);
        Assert.True(table.Capacity > descriptor);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(int.MaxValue)]
    public void Nothing_is_known_of_a_descriptor_that_nobody_has(int descriptor) => Assert.Null(new HandleTable()[descriptor]);

    [Fact]
    public void A_handle_whose_descriptor_is_another_ones_by_now_takes_nothing_away()
    {
        var table = new HandleTable();
        var first = new Handle(7);
        var second = new Handle(7);
        table.Set(7, first);
        table.Set(7, second);

        table.Remove(first);
        Assert.Same(second, table[7]);

        table.Remove(second);
        Assert.Null(table[7]);
    }

    [Fact]
    public void Growing_keeps_what_there_was_and_makes_room_only_where_it_is_needed()
    {
        var table = new HandleTable();
        var low = new Handle(3);
        table.Set(3, low);

        long before = GC.GetAllocatedBytesForCurrentThread();
        table.Set(200_000, new Handle(200_000));
        long grown = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Same(low, table[3]);
        Assert.InRange(grown, 1024 * 8, 16 * 1024);
    }

    private sealed class Handle : LoopHandle
    {
        internal Handle(int descriptor) => Descriptor = descriptor;

        internal override void OnEvents(uint events)
        {
        }

        protected internal override void OnTimer()
        {
        }
    }
}
