using System.Collections.Concurrent;
using Outrider.Filters;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Filters;

/// <summary>The numbers of threads.</summary>
public sealed class ThreadMarkTests
{
    [Fact]
    public void A_thread_keeps_its_number_and_shares_it_with_no_other()
    {
        var seen = new ConcurrentBag<(int First, int Second)>();
        // One after the other, so that the runtime may give a thread the number of one that has ended; ours never come again.
        for (int i = 0; i < 20; i++)
        {
            var thread = new Thread(() => seen.Add((ThreadMark.Current, ThreadMark.Current)));
            thread.Start();
            Assert.True(thread.Join(Eventually.Patience));
        }

        Assert.All(seen, pair => Assert.Equal(pair.First, pair.Second));
        Assert.DoesNotContain(seen, static pair => pair.First <= 0);
        Assert.Equal(20, seen.Select(static pair => pair.First).Append(ThreadMark.Current).Distinct().Count() - 1);
    }
}
