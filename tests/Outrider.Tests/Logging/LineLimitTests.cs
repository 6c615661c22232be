using Outrider.Proxy.Logging;

namespace Outrider.Tests.Logging;

public sealed class LineLimitTests
{
    [Fact]
    public void So_many_lines_in_a_time_and_the_next_one_says_how_many_were_left_out()
    {
        var limit = new LineLimit(lines: 2, milliseconds: 100);
        Assert.True(limit.TryTake(1000, out long leftOut));
        Assert.True(limit.TryTake(1050, out leftOut));
        Assert.Equal(0, leftOut);
        Assert.False(limit.TryTake(1060, out _));
        Assert.False(limit.TryTake(1099, out _));
        Assert.True(limit.TryTake(1100, out leftOut));
        Assert.Equal(2, leftOut);
        Assert.True(limit.TryTake(1101, out leftOut));
        Assert.Equal(0, leftOut);
        Assert.Equal("", LineLimit.Note(0));
        Assert.Contains("3 lines", LineLimit.Note(3), StringComparison.Ordinal);
    }

    [Fact]
    public void Threads_that_write_at_once_lose_no_count()
    {
        const int Threads = 4, Calls = 50_000;
        var limit = new LineLimit(lines: 3, milliseconds: 1000);
        long written = 0, told = 0;
        Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, _ =>
        {
            for (int i = 0; i < Calls; i++)
            {
                if (limit.TryTake(5000, out long leftOut))
                {
                    Interlocked.Increment(ref written);
                    Interlocked.Add(ref told, leftOut);
                }
            }
        });

        Assert.True(limit.TryTake(6000, out long rest));
        Assert.Equal(Threads * Calls, written + told + rest);
        Assert.InRange(written, 1, 2 * 3);
    }
}
