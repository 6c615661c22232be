using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Outrider.Configuration;
using Outrider.Tests.Harness;
using Xunit.Abstractions;

namespace Outrider.Tests.Upstream;

/// <summary>
/// Hosts that die, hang, reset, answer slowly or with garbage and come back, lists of hosts that change ten times a second, and a name whose addresses do, with a server for
/// names that fails: under load on two loops, by HTTP/1.1 and HTTP/2. In a short form here; bench/chaos.sh runs it for ten minutes.
/// </summary>
[Collection(nameof(HungHostTests))]
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const int Http1Clients = 12;
    private const int Http2Clients = 4;

    // From so many seconds on there is something to be said of memory.
    private const int SecondsForMemory = 60;
    private const long MaxGrowth = 16 << 20;

    private static readonly double s_seconds = double.Parse(Environment.GetEnvironmentVariable("OUTRIDER_CHAOS_SECONDS") ?? "6", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Every_request_gets_one_whole_answer_or_a_close_and_a_line_and_a_count_and_nothing_is_left_over()
    {
        using var dns = new FakeDnsServer { Ttl = 0 };
        var hosts = Enumerable.Range(0, 4).Select(_ => new ChaosHost(IPAddress.Loopback, FreePorts.Next())).ToArray();
        int port = FreePorts.Next();
        // One port and one name, so an address for each.
        var named = Enumerable.Range(2, 3).Select(last => new ChaosHost(IPAddress.Parse($"127.0.0.{last}"), port)).ToArray();
        dns.Names["chaos.test"] = ["127.0.0.2"];
        using var proxy = await ChaosProxy.StartAsync(hosts.Select(host => host.Address), $"chaos.test:{port}", dns.Port);
        int descriptors = proxy.Descriptors;
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(s_seconds));
        var outcomes = new ChaosOutcomes();
        var clients = new ChaosClients(proxy.Port, outcomes, end.Token).RunAsync(Http1Clients, Http2Clients);
        var memory = new List<(double At, long Bytes)>();
        var clock = Stopwatch.StartNew();
        int changes = 0;
        for (; !end.IsCancellationRequested; changes++)
        {
            // One at least is well, as otherwise there would be nothing to see.
            Upset(hosts, changes);
            Upset(named, changes);
            await proxy.SetHostsAsync(hosts.Where((_, i) => i == 0 || Random.Shared.Next(3) > 0).Select(host => host.Address));
            dns.IsDead = Random.Shared.Next(4) == 0;
            dns.Names["chaos.test"] = [.. new[] { "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.9" }.Where((_, i) => i == 0 || Random.Shared.Next(2) == 0)];
            if (changes % 10 == 0)
            {
                memory.Add((clock.Elapsed.TotalSeconds, proxy.Resident));
            }

            await Task.Delay(100);
        }

        await clients.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Empty(outcomes.Malformed);
        Assert.True(outcomes.Good > 0 && changes > 5, $"{outcomes.Good} good answers, {changes} changes");
        await Eventually.HoldsAsync(async () => await proxy.MetricAsync("outrider_streams_active") == 0 && await proxy.MetricAsync("outrider_connections_active") == 0);
        await CompareAsync(proxy, outcomes);

        // They come back, all of them.
        dns.IsDead = false;
        dns.Names["chaos.test"] = ["127.0.0.2", "127.0.0.3", "127.0.0.4"];
        Array.ForEach([.. hosts, .. named], host => host.Become(ChaosHost.Mood.Well));
        await proxy.SetHostsAsync(hosts.Select(host => host.Address));
        await Eventually.HoldsAsync(async () => await proxy.MetricAsync("outrider_host_healthy") == hosts.Length + named.Length);
        // In a row: one that a busy machine makes too slow for its 200 ms is no host that stays away.
        int served = 0;
        await Eventually.HoldsAsync(async () =>
        {
            served = (await proxy.AskAsync("/up/a"), await proxy.AskAsync("/named/a")) == (200, 200) ? served + 1 : 0;
            return served == 20;
        });

        // Connections to hosts may rest, and checks have one for each.
        await Eventually.HoldsAsync(async () => proxy.Descriptors - await proxy.MetricAsync("outrider_upstream_connections_active") <= descriptors + (2 * (hosts.Length + named.Length)));
        CheckMemory(memory);
        Array.ForEach([.. hosts, .. named], host => host.Dispose());
    }

    private static void Upset(ChaosHost[] hosts, int changes)
    {
        hosts[Random.Shared.Next(1, hosts.Length)].Become((ChaosHost.Mood)Random.Shared.Next(Enum.GetValues<ChaosHost.Mood>().Length));
        hosts[0].Become(changes % 4 == 0 ? ChaosHost.Mood.Slow : ChaosHost.Mood.Well);
    }

    // Nothing is lost: what the clients have seen is what was written and counted.
    private async Task CompareAsync(ChaosProxy proxy, ChaosOutcomes outcomes)
    {
        await Eventually.HoldsAsync(() => File.ReadLines(proxy.Access).LongCount() >= outcomes.All);
        var log = ChaosLog.Read(proxy.Access, proxy.Errors);
        long closed = outcomes.Others.Count(other => other.Value == ChaosOutcomes.Closed);
        output.WriteLine($"{outcomes.All} requests: {outcomes.Good} good, {closed} cut off, others by status: "
            + string.Join(", ", outcomes.Others.Values.Where(status => status != 0).CountBy(status => status).OrderBy(status => status.Key).Select(status => $"{status.Key}: {status.Value}")));
        output.WriteLine("by flags: " + string.Join(", ", log.Others.Values.CountBy(line => $"{line.Status} {line.Flags} {line.End}").OrderByDescending(kind => kind.Value).Select(kind => $"{kind.Key}: {kind.Value}")));
        string different = string.Join("; ", outcomes.Others.Where(other => !log.Others.TryGetValue(other.Key, out var line) || !line.Is(other.Value))
            .Select(other => $"{other.Key} saw {other.Value}, written {(log.Others.TryGetValue(other.Key, out var line) ? line : "not at all")}").Take(10));
        Assert.True(different.Length == 0, different);
        Assert.Equal((outcomes.All, outcomes.Good), (log.Lines, log.Good));
        var unsaid = log.Others.Where(other => other.Value.IsOfUpstream && !log.Names(other.Value)).Take(10).ToList();
        Assert.True(unsaid.Count == 0, $"not in the error log: {string.Join("; ", unsaid)}");
        // The last that were left out are told by the next line of the kind, which may never come: those of one window.
        long connects = log.Others.Values.LongCount(line => line.Flags.Contains("UF", StringComparison.Ordinal));
        long failed = await proxy.MetricAsync("outrider_upstream_connect_failures_total");
        output.WriteLine($"connections that failed: {failed}, by the error log {log.UpstreamLines}; requests that failed by that: {connects}");
        Assert.True(log.UpstreamLines <= failed && (failed == 0 || log.UpstreamLines > 0), $"{failed} connections failed, and {log.UpstreamLines} are told of");
        Assert.Equal(outcomes.All, await proxy.MetricAsync("outrider_streams_total"));
        Assert.Equal(outcomes.Others.Values.LongCount(status => status >= 500), await proxy.MetricAsync("outrider_responses_total", "5xx") - Cut(log, '5'));
        Assert.Equal(closed, await proxy.MetricAsync("outrider_resets_total"));
        Assert.Equal(0, await proxy.MetricAsync("outrider_log_dropped_lines_total"));
    }

    // Responses that were counted by their status, and were not whole.
    private static long Cut(ChaosLog log, char status) => log.Others.Values.LongCount(line => line.End != "complete" && line.Status[0] == status);

    private void CheckMemory(List<(double At, long Bytes)> memory)
    {
        if (s_seconds < SecondsForMemory)
        {
            return;
        }

        // The first fifth warms up. Then what the quarters use in the middle.
        var warm = memory.Skip(memory.Count / 5).ToList();
        long[] quarters = [.. warm.Chunk((warm.Count + 3) / 4).Select(quarter => quarter.Select(sample => sample.Bytes).Order().ElementAt(quarter.Length / 2))];
        output.WriteLine("memory by quarters, MiB: " + string.Join(", ", quarters.Select(bytes => (bytes / 1048576.0).ToString("F1", CultureInfo.InvariantCulture))));
        Assert.True(quarters[^1] - quarters[0] < MaxGrowth, $"memory grows from {quarters[0]} to {quarters[^1]} bytes");
    }
}
