using System.Diagnostics;
using System.Globalization;
using System.Net;
using Outrider.Filters;
using Outrider.Upstream;
using Outrider.Upstream.Balancing;
using Outrider.Upstream.Hosts;

// Prints a line for each balancer: NAME FEW MANY BYTES, nanoseconds of a pick among 10 hosts and among 10,000, the median of the rounds. Arguments: milliseconds of a round, rounds.
int milliseconds = int.Parse(args[0], CultureInfo.InvariantCulture), rounds = int.Parse(args[1], CultureInfo.InvariantCulture);
const int Few = 10, Many = 10_000, Loops = 2, Burst = 1000;

PickedHosts Picked(string balancer, int count)
{
    var loads = new HostLoads(count, Loops);
    UpstreamHost[] hosts = [.. Enumerable.Range(0, count).Select(i => new UpstreamHost($"h{i}", $"10.{i >> 16}.{(i >> 8) & 255}.{i & 255}:80", new IPEndPoint(i, 80), "", 1 + (i % 10), Loops, loads: loads))];
    for (int i = 0; i < count; i++)
    {
        // Some have much to do, and all have answered once.
        hosts[i].RequestsOn(0) = i % 7;
        hosts[i].ConnectionsOn(i % Loops) = i % 5;
        hosts[i].LatencyOf(0).Measure(1000 + (i % 100), Environment.TickCount64);
    }

    return PickedHosts.Of(new HostSet(hosts, Loops), BuiltInBalancers.Create(balancer)!, null);
}

long picked = 0;
long Run(PickedHosts hosts, LoopRandom random, long until)
{
    long count = 0;
    while (Stopwatch.GetTimestamp() < until)
    {
        for (int i = 0; i < Burst; i++)
        {
            TriedHosts tried = default;
            ulong number = random.NextULong();
            var context = new PickContext(0, number, in tried) { Hash = number };
            picked += hosts.Pick(ref context, ref tried) is null ? 0 : 1;
        }

        count += Burst;
    }

    return count;
}

foreach (string balancer in BuiltInBalancers.Names.Where(static name => name != "LB_REQUEST_ROUNDROBIN"))
{
    var random = new LoopRandom(7);
    PickedHosts few = Picked(balancer, Few), many = Picked(balancer, Many);
    long span = milliseconds * Stopwatch.Frequency / 1000;
    _ = Run(few, random, Stopwatch.GetTimestamp() + span) + Run(many, random, Stopwatch.GetTimestamp() + span);
    double[] atFew = new double[rounds], atMany = new double[rounds];
    long bytes = 0, before = picked;
    for (int i = 0; i < rounds; i++)
    {
        // One after the other, so that what else the machine does hits both.
        foreach (var (hosts, times) in ((PickedHosts, double[])[])[(few, atFew), (many, atMany)])
        {
            long held = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
            long count = Run(hosts, random, start + span);
            times[i] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / count;
            bytes += GC.GetAllocatedBytesForCurrentThread() - held;
        }
    }

    Array.Sort(atFew);
    Array.Sort(atMany);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{balancer} {atFew[rounds / 2]:F1} {atMany[rounds / 2]:F1} {(double)bytes / (picked - before):F3}"));
}
