using System.Diagnostics;
using System.Globalization;
using System.Text;
using Outrider.Configuration;
using Outrider.Http.Messages;
using Outrider.Proxy.Routing;
using Outrider.Upstream;

// Prints a line for each way to find a route: WAY NANOSECONDS BYTES, the median of the rounds. Arguments: milliseconds of a round, rounds.
int milliseconds = int.Parse(args[0], CultureInfo.InvariantCulture), rounds = int.Parse(args[1], CultureInfo.InvariantCulture);
const int Hosts = 10_000, Routes = 1_000;

string Route(string match, int i) => $$"""{"match":{{match}},"route":{"cluster_name":"up"},"name":"{{i}}"}""";
RouterTable Table(Func<int, string> match)
{
    var json = new StringBuilder("""{"servers":[{"listeners":[],"routers":[{"router_config_name":"r","virtual_hosts":[""");
    _ = json.Append(CultureInfo.InvariantCulture, $$"""{"name":"large","domains":["large.example"],"routers":[{{string.Join(',', Enumerable.Range(0, Routes).Select(i => Route(match(i), i)))}}]}""");
    for (int i = 1; i < Hosts; i++)
    {
        _ = json.Append(CultureInfo.InvariantCulture, $$""",{"name":"h{{i}}","domains":["host{{i}}.example","*.host{{i}}.example"],"routers":[{{Route("""{"prefix":"/"}""", i)}}]}""");
    }

    _ = json.Append("""]}]}],"cluster_manager":{"clusters":[{"name":"up","hosts":[{"address":"127.0.0.1:1"}]}]}}""");
    var configuration = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json.ToString()), "bench.json").Configuration;
    return new RouterTable(configuration.Server.Routers.Single(), new ClusterHandles(1));
}

RequestHead Request(string authority, string target, string? service = null)
{
    var head = new RequestHead();
    head.SetMethod("GET"u8);
    head.SetAuthority(Encoding.UTF8.GetBytes(authority));
    head.SetTarget(Encoding.UTF8.GetBytes(target));
    foreach (var (name, value) in new[] { ("user-agent", "Mozilla/5.0"), ("accept", "*/*"), ("cookie", "a=b"), ("service", service) })
    {
        if (value is not null)
        {
            head.Fields.Add(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
        }
    }

    return head;
}

(double Nanoseconds, double Bytes) Measure(RouterTable table, RequestHead[] requests)
{
    long Run(long until)
    {
        long count = 0;
        while (Stopwatch.GetTimestamp() < until)
        {
            foreach (var request in requests)
            {
                if (table.Match(request) is null)
                {
                    throw new InvalidOperationException("no route");
                }
            }

            count += requests.Length;
        }

        return count;
    }

    long span = milliseconds * Stopwatch.Frequency / 1000;
    _ = Run(Stopwatch.GetTimestamp() + span);
    var times = new double[rounds];
    long bytes = GC.GetAllocatedBytesForCurrentThread(), all = 0;
    for (int i = 0; i < rounds; i++)
    {
        long start = Stopwatch.GetTimestamp();
        long count = Run(start + span);
        times[i] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / count;
        all += count;
    }

    bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
    Array.Sort(times);
    return (times[rounds / 2], (double)bytes / all);
}

void Show(string way, RouterTable table, IEnumerable<RequestHead> requests)
{
    var (nanoseconds, bytes) = Measure(table, [.. requests]);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{way} {nanoseconds:F0} {bytes:F2}"));
}

// Each the middle, the last, and one in twenty of the rest.
int[] some = [.. Enumerable.Range(0, Routes).Where(i => i % 20 == 0 || i == Routes - 1)];
var byPrefix = Table(i => $$"""{"prefix":"/api/service{{i}}/"}""");
Show("prefix", byPrefix, some.Select(i => Request("large.example", $"/api/service{i}/users/42?x=1")));
Show("exact", Table(i => $$"""{"path":"/api/service{{i}}/users"}"""), some.Select(i => Request("large.example", $"/api/service{i}/users")));
Show("header", Table(i => $$"""{"prefix":"/","headers":[{"name":"service","value":"com.example.Service{{i}}"}]}"""), some.Select(i => Request("large.example", "/", $"com.example.Service{i}")));
Show("host", byPrefix, Enumerable.Range(1, Hosts - 1).Where(i => i % 50 == 0).Select(i => Request($"host{i}.example", "/")));
Show("wildcard_host", byPrefix, Enumerable.Range(1, Hosts - 1).Where(i => i % 50 == 0).Select(i => Request($"www.host{i}.example", "/")));
