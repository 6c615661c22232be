using Outrider.Net.Buffers;

namespace Outrider.Tests.Net;

/// <summary>The pipes that a loop lends to large transfers.</summary>
public sealed class PipePoolTests
{
    [Fact]
    public void There_are_never_more_than_there_may_be_and_one_that_is_back_is_lent_again()
    {
        using var pool = new PipePool();
        pool.Configure(2, 64 * 1024);
        var a = pool.Rent();
        var b = pool.Rent();
        Assert.NotNull(a);
        Assert.NotNull(b);
        Assert.Null(pool.Rent());
        pool.Return(a);
        Assert.Same(a, pool.Rent());
        pool.Return(a);
        pool.Return(b);
        Assert.Equal((2, 2), (pool.Count, pool.Free));
        pool.CloseFree();
        Assert.Equal((0, 0), (pool.Count, pool.Free));
    }

    [Fact]
    public void Fewer_or_other_ones_take_the_place_of_those_that_come_back()
    {
        using var pool = new PipePool();
        pool.Configure(2, 64 * 1024);
        var a = pool.Rent()!;
        var b = pool.Rent()!;
        pool.Return(a);
        pool.Configure(1, 128 * 1024);
        Assert.Null(pool.Rent());
        Assert.Equal((1, 0), (pool.Count, pool.Free));
        pool.Return(b);
        Assert.Equal(128 * 1024, pool.Rent()!.Size);
        pool.Configure(0, 128 * 1024);
        Assert.Null(pool.Rent());
    }

    [Fact]
    public void A_size_that_the_kernel_refuses_makes_no_pipe()
    {
        using var pool = new PipePool();
        pool.Configure(4, 1 << 30);
        Assert.Null(pool.Rent());
        Assert.Equal((0, 0), (pool.Count, pool.Free));
    }
}
