using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Tests.Telemetry;

/// <summary>Responses by the class of their status.</summary>
public sealed class StatusClassCountsTests
{
    [Fact]
    public void Each_status_counts_in_its_class_and_none_nowhere()
    {
        var counts = default(StatusClassCounts);
        foreach (int status in (int[])[0, 99, 101, 200, 299, 301, 404, 499, 500, 999])
        {
            counts.Count(status);
        }

        var sum = default(StatusClassCounts);
        sum.Add(in counts);
        sum.Add(in counts);

        Assert.Equal((1, 2, 1, 2, 2), (counts.Informational, counts.Successful, counts.Redirected, counts.ClientErrors, counts.ServerErrors));
        Assert.Equal((2, 4, 2, 4, 4), (sum.Informational, sum.Successful, sum.Redirected, sum.ClientErrors, sum.ServerErrors));
    }
}
