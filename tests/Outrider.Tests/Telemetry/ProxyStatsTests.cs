using System.Reflection;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Tests.Telemetry;

public sealed class ProxyStatsTests
{
    [Fact]
    public void Every_counter_of_every_loop_is_in_the_sum()
    {
        var stats = new ProxyStats(3);
        AssertSummed(i => stats[i], stats.Sum);
        AssertSummed(i => stats.Listener("l")[i], stats.Listener("l").Sum);
        AssertSummed(i => stats.Cluster("c")[i], stats.Cluster("c").Sum);
    }

    [Fact]
    public void Responses_are_counted_by_class_and_where_MOSN_does_by_status()
    {
        var stats = new ListenerLoopStats();
        foreach (int status in new[] { 0, 101, 200, 204, 301, 404, 404, 500, 503, 599 })
        {
            stats.CountResponse(status);
        }

        Assert.Equal((1, 2, 1, 2, 3), (stats.Responses1xx, stats.Responses2xx, stats.Responses3xx, stats.Responses4xx, stats.Responses5xx));
        Assert.Equal(2, stats.ResponsesAt(ListenerLoopStats.Statuses.IndexOf(404)));
        Assert.Equal(4, stats.ResponsesOther);
        var sum = new ListenerLoopStats();
        sum.Add(stats);
        Assert.Equal(2, sum.ResponsesAt(ListenerLoopStats.Statuses.IndexOf(404)));
    }

    [Fact]
    public void Listeners_and_clusters_keep_their_counters_by_name()
    {
        var stats = new ProxyStats(1);
        stats.Cluster("b")[0].RequestsTotal++;
        Assert.Same(stats.Cluster("b"), stats.Cluster("b"));
        stats.Cluster("a")[0].RequestsTotal += 2;
        Assert.Equal([("a", 2L), ("b", 1L)], stats.Clusters.Select(c => (c.Name, c.Sum().RequestsTotal)));
    }

    [Fact]
    public void The_runtime_tells_what_it_costs()
    {
        RuntimeMetrics runtime = RuntimeMetrics.Read();
        Assert.InRange(runtime.ResidentBytes, 1_000_000, long.MaxValue);
        Assert.InRange(runtime.AllocatedBytes, 1, long.MaxValue);
        Assert.InRange(runtime.OpenFileDescriptors, 3, int.MaxValue);
        Assert.InRange(runtime.Uptime, TimeSpan.FromTicks(1), TimeSpan.FromDays(1));
        Assert.Equal(3, runtime.Collections.Count);
    }

    private static void AssertSummed<T>(Func<int, T> slot, Func<T> sum)
        where T : class
    {
        FieldInfo[] fields = [.. typeof(T).GetFields().Where(f => f.FieldType == typeof(long) && !f.IsStatic)];
        Assert.NotEmpty(fields);
        for (int i = 0; i < fields.Length; i++)
        {
            for (int loop = 0; loop < 3; loop++)
            {
                fields[i].SetValue(slot(loop), (long)(i + 1) << (loop * 10));
            }
        }

        T total = sum();
        for (int i = 0; i < fields.Length; i++)
        {
            Assert.Equal((fields[i].Name, (i + 1) * (1L + (1 << 10) + (1 << 20))), (fields[i].Name, fields[i].GetValue(total)));
        }
    }
}
