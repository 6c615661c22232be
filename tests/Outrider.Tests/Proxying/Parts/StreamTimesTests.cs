using System.Diagnostics;
using Outrider.Proxy.Streams.Records;

namespace Outrider.Tests.Proxying.Parts;

/// <summary>When what happened to a stream.</summary>
public sealed class StreamTimesTests
{
    [Fact]
    public void Process_time_leaves_out_what_the_upstream_took()
    {
        var times = new StreamTimes { Started = Milliseconds(10), RequestSent = Milliseconds(13), ResponseReceived = Milliseconds(113), Ended = Milliseconds(115) };

        Assert.Equal(5, times.Process.TotalMilliseconds, 3);
    }

    [Fact]
    public void Without_an_upstream_all_of_it_is_process_time()
    {
        var times = new StreamTimes { Started = Milliseconds(10), Ended = Milliseconds(17) };

        Assert.Equal(7, times.Process.TotalMilliseconds, 3);
    }

    private static long Milliseconds(int count) => count * Stopwatch.Frequency / 1000;
}
