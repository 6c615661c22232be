using System.Diagnostics;
using System.Globalization;
using System.Net;
using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Upstream;
using Outrider.Upstream.Balancing;
using Outrider.Upstream.Hosts;
using Outrider.Upstream.Subsets;

// Prints a line for each balancer: NAME FEW MANY BYTES, nanoseconds of a pick among 10 hosts and among 10,000, the median of the rounds; and one for finding a subset, of 10 hosts in 10
// subsets and of 10,000 in 100. Arguments: milliseconds of a round, rounds.
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

void Measure(string name, Func<long, long> few, Func<long, long> many)
{
    long span = milliseconds * Stopwatch.Frequency / 1000;
    _ = few(Stopwatch.GetTimestamp() + span) + many(Stopwatch.GetTimestamp() + span);
    double[] atFew = new double[rounds], atMany = new double[rounds];
    long bytes = 0, before = picked;
    for (int i = 0; i < rounds; i++)
    {
        // One after the other, so that what else the machine does hits both.
        foreach (var (run, times) in ((Func<long, long>, double[])[])[(few, atFew), (many, atMany)])
        {
            long held = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
            long count = run(start + span);
            times[i] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / count;
            bytes += GC.GetAllocatedBytesForCurrentThread() - held;
        }
    }

    Array.Sort(atFew);
    Array.Sort(atMany);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {atFew[rounds / 2]:F1} {atMany[rounds / 2]:F1} {(double)bytes / (picked - before):F3}"));
}

HostSubsets Divided(int count, int subsets)
{
    UpstreamHost[] hosts = [.. Enumerable.Range(0, count).Select(i => new UpstreamHost(
        $"h{i}", $"10.{i >> 16}.{(i >> 8) & 255}.{i & 255}:80", new IPEndPoint(i, 80), "", 1, Loops, new Dictionary<string, string> { ["idc"] = $"s{i % subsets}" }))];
    return new HostSubsets(
        new SubsetConfiguration { Selectors = [["idc"]] }, new HostSet(hosts, Loops), null, static (members, _) => PickedHosts.Of(members, BuiltInBalancers.Create("LB_ROUNDROBIN")!, null));
}

long Find(HostSubsets subsets, List<KeyValuePair<string, string>>[] wanted, LoopRandom random, long until)
{
    long count = 0;
    while (Stopwatch.GetTimestamp() < until)
    {
        for (int i = 0; i < Burst; i++)
        {
            picked += subsets.TryFind(wanted[random.NextULong() % (ulong)wanted.Length], out var found, out _) && found is not null ? 1 : 0;
        }

        count += Burst;
    }

    return count;
}

foreach (string balancer in BuiltInBalancers.Names.Where(static name => name != "LB_REQUEST_ROUNDROBIN"))
{
    var random = new LoopRandom(7);
    PickedHosts few = Picked(balancer, Few), many = Picked(balancer, Many);
    Measure(balancer, until => Run(few, random, until), until => Run(many, random, until));
}

List<KeyValuePair<string, string>>[] Wanted(int subsets) => [.. Enumerable.Range(0, subsets).Select(i => new List<KeyValuePair<string, string>> { KeyValuePair.Create("idc", $"s{i}") })];
var labels = new LoopRandom(7);
HostSubsets small = Divided(Few, 10), large = Divided(Many, 100);
List<KeyValuePair<string, string>>[] ofSmall = Wanted(10), ofLarge = Wanted(100);
Measure("subset", until => Find(small, ofSmall, labels, until), until => Find(large, ofLarge, labels, until));
