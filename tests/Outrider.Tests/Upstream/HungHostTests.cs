using System.Collections.Concurrent;
using System.Diagnostics;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Upstream;

/// <summary>One of three hosts hangs under an open loop of requests: they are tried elsewhere, the host is found by timeouts, and it comes back.</summary>
public sealed class HungHostTests
{
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(10);

    [Fact]
    public async Task Few_requests_fail_until_it_is_ejected_none_after_and_it_comes_back()
    {
        using var stopped = new ManualResetEventSlim(true);
        using var hung = Stoppable(stopped);
        using var good = RawUpstream.Answering(Response("good"), remembers: false);
        using var other = RawUpstream.Answering(Response("good"), remembers: false);
        await using var proxy = await TestProxy.StartAsync(
            [good.Address, hung.Address, other.Address], loops: 2,
            cluster: ""","outlier_detection":{"consecutive_5xx":3,"interval":"100ms","base_ejection_time":"1s","max_ejection_percent":50}""",
            route: """[{"match":{"prefix":"/"},"route":{"cluster_name":"up","timeout":"20s","retry_policy":{"retry_on":true,"num_retries":1,"retry_timeout":"500ms"} } }]""");
        using var client = new HttpClient();
        var uri = new Uri($"http://127.0.0.1:{proxy.Port}/");
        var host = proxy.Server.Clusters.Find("up")!.Hosts[1];
        var answers = new ConcurrentQueue<(long At, string Body, int Status)>();
        var running = new ConcurrentBag<Task>();
        using var end = new CancellationTokenSource();
        var load = Task.Run(async () =>
        {
            // An open loop: a request each ten milliseconds, whatever becomes of the others.
            using var timer = new PeriodicTimer(s_pace);
            while (!end.IsCancellationRequested)
            {
                await timer.WaitForNextTickAsync();
                running.Add(Task.Run(async () =>
                {
                    long at = Stopwatch.GetTimestamp();
                    using var answer = await client.GetAsync(uri);
                    answers.Enqueue((at, await answer.Content.ReadAsStringAsync(), (int)answer.StatusCode));
                }));
            }
        });
        await Eventually.HoldsAsync(() => answers.Count(answer => answer.Body == "hung") >= 10);

        stopped.Reset();
        await Eventually.HoldsAsync(() => !host.IsHealthy);
        long found = Stopwatch.GetTimestamp();
        int seen = answers.Count;
        await Eventually.HoldsAsync(() => answers.Count > seen + 30);
        stopped.Set();
        await Eventually.HoldsAsync(() => host.IsHealthy);
        long back = Stopwatch.GetTimestamp();
        await Eventually.HoldsAsync(() => answers.Any(answer => answer.At > back && answer.Body == "hung"));
        await end.CancelAsync();
        await load.SoonAsync();
        await Task.WhenAll(running).SoonAsync();

        int failed = answers.Count(answer => answer.Status != 200);
        Assert.True(failed <= answers.Count * 0.02, $"{failed} of {answers.Count} requests failed");
        Assert.DoesNotContain(answers, answer => answer.At > found && answer.Status != 200);
        Assert.Contains("is ejected for 1 s: 3 ", proxy.Log, StringComparison.Ordinal);
    }

    // Answers nobody while it is stopped; what waits then is answered afterwards, as after SIGCONT.
    private static RawUpstream Stoppable(ManualResetEventSlim runs) => new(async (connection, _) =>
    {
        while (await connection.ReadRequestAsync() is { Length: > 0 })
        {
            while (!runs.IsSet)
            {
                await Task.Delay(5);
            }

            await connection.SendAsync(Response("hung"));
        }
    })
    {
        Remembers = false,
    };
}
