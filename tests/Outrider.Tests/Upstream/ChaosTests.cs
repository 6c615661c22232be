using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Outrider.Configuration;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Upstream;

/// <summary>
/// Hosts that die, hang, reset, answer slowly or with garbage and come back, and lists of hosts that change ten times a second, under load on two loops. In a short form here;
/// bench/chaos.sh runs it for ten minutes.
/// </summary>
public sealed class ChaosTests
{
    private static readonly TimeSpan s_duration = TimeSpan.FromSeconds(
        double.Parse(Environment.GetEnvironmentVariable("OUTRIDER_CHAOS_SECONDS") ?? "3", CultureInfo.InvariantCulture));

    private enum Mood
    {
        Well,
        Errors,
        Hangs,
        Resets,
        Slow,
        Garbage,
        Cuts,
    }

    [Fact]
    public async Task Every_request_gets_one_whole_answer_or_a_close_and_nothing_is_left_over()
    {
        var moods = new int[4];
        var hosts = Enumerable.Range(0, moods.Length).Select(i => Host(moods, i)).ToArray();
        await using var proxy = await TestProxy.StartJsonAsync(Json(hosts.Select(host => host.Address)));
        int port = proxy.Port;
        using var end = new CancellationTokenSource(s_duration);
        int answered = 0, good = 0, closed = 0, malformed = 0;
        var clients = Enumerable.Range(0, 12).Select(n => Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                using var client = await RawClient.ConnectAsync(port);
                var reader = new WireReader(client.Socket);
                for (int i = 0; i < 20 && !end.IsCancellationRequested; i++)
                {
                    string token = $"{n}-{i}-{Random.Shared.Next()}";
                    string head, body;
                    try
                    {
                        await client.SendAsync(i % 3 == 0
                            ? $"POST /{token} HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello"
                            : $"GET /{token} HTTP/1.1\r\nhost: a\r\n\r\n");
                        (head, body) = await reader.ReadMessageAsync();
                    }
                    catch (Exception e) when (e is IOException or SocketException or EndOfStreamException)
                    {
                        Interlocked.Increment(ref closed);
                        break;
                    }

                    if (IsCut(head, body))
                    {
                        Interlocked.Increment(ref closed);
                        break;
                    }

                    Interlocked.Increment(ref answered);
                    bool isGood = head.StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
                    Interlocked.Add(ref good, isGood ? 1 : 0);
                    // An answer of another request would be the worst of all.
                    Interlocked.Add(ref malformed, !head.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) || (isGood && body != token) ? 1 : 0);
                    if (head.Contains("connection: close", StringComparison.OrdinalIgnoreCase))
                    {
                        break;
                    }
                }
            }
        })).ToList();

        int changes = 0;
        while (!end.IsCancellationRequested)
        {
            moods[Random.Shared.Next(moods.Length)] = Random.Shared.Next(Enum.GetValues<Mood>().Length);
            // One at least is well, as otherwise there would be nothing to see.
            moods[0] = changes % 4 == 0 ? (int)Mood.Slow : (int)Mood.Well;
            var listed = hosts.Where((_, i) => i == 0 || Random.Shared.Next(3) > 0).Select(host => host.Address);
            await proxy.Server.ReloadAsync(ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(Json(listed)), "test.json").Configuration).SoonAsync();
            changes++;
            await Task.Delay(100);
        }

        await Task.WhenAll(clients).SoonAsync();
        Assert.Equal(0, malformed);
        Assert.True(good > 0 && changes > 5, $"{good} good answers, {changes} changes");
        await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0 && proxy.Stats.ConnectionsActive == 0);
        var cluster = proxy.Server.Clusters.Find("up")!;
        await Eventually.HoldsAsync(() => (cluster.Breakers.Counts.Requests.Value, cluster.Breakers.Counts.Pending.Value, cluster.Breakers.Counts.Retries.Value) == (0, 0, 0));
        await Eventually.HoldsAsync(() => cluster.Hosts.Hosts.ToArray().All(host => host.ActiveRequests == 0));
        // What was not answered well is counted.
        Assert.True(answered + closed >= proxy.Stats.StreamsTotal - proxy.Stats.Resets - 12, $"{answered} answers and {closed} closes of {proxy.Stats.StreamsTotal} requests");
        Array.ForEach(hosts, host => host.Dispose());
    }

    // The end came within it, or before it: the client sees that.
    private static bool IsCut(string head, string body)
    {
        const string Length = "content-length: ";
        int at = head.IndexOf(Length, StringComparison.OrdinalIgnoreCase);
        return head.Length == 0 || (at >= 0 && body.Length < int.Parse(head[(at + Length.Length)..].Split('\r', '\n')[0], CultureInfo.InvariantCulture));
    }

    private static RawUpstream Host(int[] moods, int index) => new(async (connection, _) =>
    {
        while (await connection.ReadRequestAsync() is { Length: > 0 } request)
        {
            string token = request.Split(' ')[1][1..];
            string answer = $"HTTP/1.1 200 OK\r\ncontent-length: {token.Length}\r\n\r\n{token}";
            switch ((Mood)Volatile.Read(ref moods[index]))
            {
                case Mood.Errors:
                    answer = "HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n";
                    break;
                case Mood.Hangs:
                    await connection.ReadAsync();
                    return;
                case Mood.Resets:
                    connection.Reset();
                    return;
                case Mood.Slow:
                    await connection.SendAsync(answer[..20]);
                    await Task.Delay(20);
                    answer = answer[20..];
                    break;
                case Mood.Garbage:
                    answer = "\0\x1\x2 nonsense\r\n\r\n";
                    break;
                case Mood.Cuts:
                    await connection.SendAsync(answer[..^1]);
                    return;
            }

            await connection.SendAsync(answer);
        }
    })
    {
        Remembers = false,
    };

    private static string Json(IEnumerable<string> hosts) => $$"""
        {"servers":[{"default_log_path":"/dev/null","processor":2,"graceful_timeout":"5s",
        "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up","timeout":"2s",
          "retry_policy":{"retry_on":true,"num_retries":1,"retry_timeout":"200ms"} } }]}]}],
        "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"} }]}]}]}],
        "cluster_manager":{"clusters":[{"name":"up","lb_type":"LB_ROUNDROBIN","connect_timeout":"500ms",
          "circuit_breakers":[{"max_connections":200,"max_pending_requests":200,"max_requests":200}],
          "outlier_detection":{"consecutive_5xx":5,"interval":"100ms","base_ejection_time":"300ms","max_ejection_percent":60},
          "health_check":{"protocol":"TCP","interval":"100ms","initial_delay_seconds":"50ms","timeout":"500ms"},
          "hosts":[{{string.Join(",", hosts.Select(host => $"{{\"address\":\"{host}\"}}"))}}]}]} }
        """;
}
