using System.Globalization;
using System.Runtime.InteropServices;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Upstream;

/// <summary>
/// One of three hosts hangs, by SIGSTOP, under an open loop of 500 GET/s: its requests are tried elsewhere after a second, it is found by its timeouts or by health checks, and
/// it comes back with SIGCONT. The proxy and its hosts are processes.
/// </summary>
[Collection(nameof(HungHostTests))]
public sealed class HungHostTests
{
    private const int RequestsPerSecond = 500;
    private const string Stopped = "hung";
    private static readonly PosixSignal s_stop = (PosixSignal)19, s_continue = (PosixSignal)18;

    public static TheoryData<string, string, string> Ways => new()
    {
        {
            "\"outlier_detection\":{\"consecutive_5xx\":3,\"interval\":\"100ms\",\"base_ejection_time\":\"1s\",\"max_ejection_percent\":50}",
            " is ejected for ", " is no longer ejected"
        },
        {
            "\"health_check\":{\"protocol\":\"Http1\",\"timeout\":\"1s\",\"interval\":\"250ms\",\"initial_delay_seconds\":\"100ms\",\"unhealthy_threshold\":2,\"healthy_threshold\":2,"
                + "\"check_config\":{\"http_check_config\":{\"path\":\"/\"} } }",
            " is unhealthy", " is healthy"
        },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Few_requests_fail_until_it_is_found_none_after_and_it_comes_back(string cluster, string lost, string back)
    {
        string folder = Directory.CreateTempSubdirectory("outrider-test-").FullName;
        string log = Path.Combine(folder, "error.log");
        string[] names = ["well", Stopped, "other"];
        int[] ports = [.. names.Select(_ => OutriderProcess.FreePort())];
        int port = OutriderProcess.FreePort();
        string file = Path.Combine(folder, "mosn.json");
        await File.WriteAllTextAsync(file, Json(log, port, ports, cluster));
        var hosts = names.Zip(ports, (name, its) => OutriderProcess.Start("echo", "--listen", Address(its), "--text", name)).ToArray();
        try
        {
            using var proxy = OutriderProcess.Start("start", "-c", file);
            await Task.WhenAll(hosts.Zip(ports, (host, its) => host.ListensAsync(its)));
            await proxy.ListensAsync(port);
            string stopped = Address(ports[1]);
            await using var load = OpenLoop.Begin(new Uri($"http://{Address(port)}/"), RequestsPerSecond);
            await Eventually.HoldsAsync(() => load.Answers.Count(answer => IsOfStopped(answer)) >= RequestsPerSecond);

            var hung = DateTime.Now;
            hosts[1].Signal(s_stop);
            await Eventually.HoldsAsync(() => Times(log, stopped + lost).Any(time => time > hung));
            var found = Times(log, stopped + lost).Find(time => time > hung);
            // Longer than the first ejection: it comes back to where it hangs, and is found again.
            int seen = load.Answers.Count;
            await Eventually.HoldsAsync(() => load.Answers.Count > seen + (3 * RequestsPerSecond));
            hosts[1].Signal(s_continue);
            var woken = DateTime.Now;
            await Eventually.HoldsAsync(() => load.Answers.Any(answer => answer.Asked > woken && IsOfStopped(answer)));
            // Not "since it woke": an ejection can have ended just before, and no second one comes then.
            await Eventually.HoldsAsync(() => Times(log, stopped + back).Any(time => time > found));
            await load.EndAsync();

            var meanwhile = load.Answers.Where(answer => answer.Ended >= hung && answer.Asked <= found).ToList();
            int failed = meanwhile.Count(answer => answer.IsFailure);
            Assert.True(failed < meanwhile.Count * 0.02, $"{failed} of {meanwhile.Count} requests failed before it was found: {Failures(meanwhile)}");
            var others = load.Answers.Where(answer => answer.Ended < hung || answer.Asked > found).ToList();
            Assert.True(others.TrueForAll(answer => !answer.IsFailure), $"requests failed that had nothing to do with it: {Failures(others)}; hung {hung:O}, found {found:O}");
        }
        finally
        {
            hosts[1].Signal(s_continue);
            Array.ForEach(hosts, host => host.Dispose());
            Directory.Delete(folder, recursive: true);
        }
    }

    // The echo says its text, and then what it was asked.
    private static bool IsOfStopped(OpenLoop.Answer answer) => answer.Text.StartsWith(Stopped, StringComparison.Ordinal);

    private static string Failures(IEnumerable<OpenLoop.Answer> answers)
        => string.Join("; ", answers.Where(answer => answer.IsFailure).Take(10).Select(answer => $"{answer.Asked:O} to {answer.Ended:O}: {answer.Status} {answer.Text}"));

    // When the log has such lines.
    private static List<DateTime> Times(string log, string text)
    {
        const string Form = "yyyy-MM-dd HH:mm:ss,fff";
        return [.. (File.Exists(log) ? File.ReadAllLines(log) : []).Where(line => line.Contains(text, StringComparison.Ordinal))
            .Select(line => DateTime.ParseExact(line[..Form.Length], Form, CultureInfo.InvariantCulture))];
    }

    private static string Address(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    private static string Json(string log, int port, int[] hosts, string cluster) => $$"""
        {"servers":[{"overload_delay":"0s","default_log_path":"{{log}}","processor":2,
        "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up","timeout":"10s",
          "retry_policy":{"retry_on":true,"num_retries":1,"retry_timeout":"1s"} } }]}]}],
        "listeners":[{"name":"l","address":"{{Address(port)}}","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"} }]}]}]}],
        "cluster_manager":{"clusters":[{"name":"up","lb_type":"LB_ROUNDROBIN","connect_timeout":"3s",{{cluster}},
          "hosts":[{{string.Join(",", hosts.Select(its => $"{{\"address\":\"{Address(its)}\"}}"))}}]}]} }
        """;
}

/// <summary>What keeps time by a schedule, and times out, has the machine for itself.</summary>
[CollectionDefinition(nameof(HungHostTests), DisableParallelization = true)]
public sealed class HungHostCollection;
