using System.Globalization;
using System.Net;
using System.Text;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Upstream;

/// <summary>The proxy as a process, with two loops, two clusters, an access log and the admin API, and what the system says of its memory and descriptors.</summary>
internal sealed class ChaosProxy : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("outrider-test-").FullName;
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly OutriderProcess _process;
    private readonly int _admin = FreePorts.Next();

    private ChaosProxy(IEnumerable<string> hosts, string named, int resolver)
    {
        string file = Path.Combine(_folder, "mosn.json");
        File.WriteAllText(file, Json(hosts, named, resolver));
        _process = OutriderProcess.Start("start", "-c", file);
    }

    internal int Port { get; } = FreePorts.Next();

    internal string Errors => Path.Combine(_folder, "error.log");

    internal string Access => Path.Combine(_folder, "access.log");

    /// <summary>User memory that is resident, in bytes.</summary>
    internal long Resident => long.Parse(File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal))
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;

    internal int Descriptors => Directory.GetFiles($"/proc/{_process.Id}/fd").Length;

    internal static async Task<ChaosProxy> StartAsync(IEnumerable<string> hosts, string named, int resolver)
    {
        var proxy = new ChaosProxy(hosts, named, resolver);
        await proxy._process.ListensAsync(proxy.Port);
        await proxy._process.ListensAsync(proxy._admin);
        return proxy;
    }

    /// <summary>Gives the cluster <c>up</c> other hosts.</summary>
    internal async Task SetHostsAsync(IEnumerable<string> hosts)
    {
        using var body = new StringContent($"[{Listed(hosts)}]", Encoding.UTF8, "application/json");
        using var answer = await _client.PostAsync(Admin("/api/v1/clusters/up/hosts"), body);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>The status of an answer.</summary>
    internal async Task<int> AskAsync(string path)
    {
        using var answer = await _client.GetAsync(new Uri($"http://127.0.0.1:{Port}{path}"));
        return (int)answer.StatusCode;
    }

    /// <summary>The sum of a metric's lines that have a text among their labels.</summary>
    internal async Task<long> MetricAsync(string name, string label = "")
    {
        string text = await _client.GetStringAsync(Admin("/metrics"));
        return text.Split('\n').Where(line => line.StartsWith(name, StringComparison.Ordinal) && line[name.Length] is ' ' or '{' && line.Contains(label, StringComparison.Ordinal))
            .Sum(line => long.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        _client.Dispose();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Listed(IEnumerable<string> hosts) => string.Join(",", hosts.Select(host => $"{{\"address\":\"{host}\"}}"));

    private Uri Admin(string path) => new($"http://127.0.0.1:{_admin}{path}");

    private string Json(IEnumerable<string> hosts, string named, int resolver)
    {
        const string Retry = """
            "timeout":"2s","retry_policy":{"retry_on":true,"num_retries":1,"retry_timeout":"200ms"}
            """;
        const string Cluster = """
            "lb_type":"LB_ROUNDROBIN","connect_timeout":"500ms",
              "circuit_breakers":[{"max_connections":200,"max_pending_requests":200,"max_requests":200}],
              "outlier_detection":{"consecutive_5xx":5,"interval":"100ms","base_ejection_time":"300ms","max_ejection_percent":60},
              "health_check":{"protocol":"TCP","interval":"100ms","initial_delay_seconds":"50ms","timeout":"500ms"}
            """;
        return $$"""
            {"servers":[{"default_log_path":"{{Errors}}","processor":2,"graceful_timeout":"5s",
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[
              {"match":{"prefix":"/up/"},"route":{"cluster_name":"up",{{Retry}} } },
              {"match":{"prefix":"/named/"},"route":{"cluster_name":"named",{{Retry}} } }]}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:{{Port}}","bind_port":true,"access_logs":[{"log_path":"{{Access}}","log_format":"{{ChaosLog.Format}}"}],
              "filter_chains":[{"filters":[{"type":"proxy","config":{"downstream_protocol":"Auto","upstream_protocol":"Http1","router_config_name":"r"} }]}]}]}],
            "cluster_manager":{"clusters":[
              {"name":"up",{{Cluster}},"hosts":[{{Listed(hosts)}}]},
              {"name":"named","type":"STRICT_DNS",{{Cluster}},"dns_refresh_rate":"50ms","dns_lookup_family":"V4_ONLY",
                "dns_resolvers":{"servers":["127.0.0.1"],"port":"{{resolver}}","timeout":1,"attempts":1},"hosts":[{{Listed([named])}}]}]},
            "admin":{"address":{"socket_address":{"address":"127.0.0.1","port_value":{{_admin}} } } } }
            """;
    }
}
