using System.Collections.Concurrent;
using Outrider.Filters;
using Outrider.Http.V2.Framing;
using Outrider.Tests.Harness;
using Outrider.Tests.Http.V2;
using Outrider.Tests.Logging;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Limits;

/// <summary>A filter that takes more of a loop's time than there is.</summary>
public sealed class OverloadTests : IDisposable
{
    private const string Get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_would_be_answered_too_late_is_refused_at_once_and_the_rest_goes_on_being_answered()
    {
        using var upstream = RawUpstream.Answering(Response("ok"), remembers: false);
        var busy = new BusyFilter { Milliseconds = 20 };
        await using var proxy = await StartAsync(upstream, busy, "100ms");
        var statuses = new ConcurrentQueue<string>();
        using var client = await Http2Frames.ConnectAsync(proxy.Port);
        int asked = 0;
        bool isLast = false;
        var told = Task.Run(async () =>
        {
            while (!Volatile.Read(ref isLast) || statuses.Count < Volatile.Read(ref asked))
            {
                var head = await client.ReadAsync(FrameType.Headers);
                statuses.Enqueue(client.Decode(head.Payload).Single(field => field.Name == ":status").Value);
            }
        });

        // A request each five milliseconds, whatever becomes of the others: four times what there is time for.
        for (; Count("503") < 30 || Count("200") < 30; asked++)
        {
            await client.SendHeadersAsync((2 * asked) + 1, 5, Http2Frames.Get);
            await Task.Delay(5);
            if (told.IsFaulted)
            {
                await told;
            }

            Assert.True(asked < 4000, $"of {asked} requests {Count("200")} answered, {Count("503")} refused; the log: {proxy.Log}");
        }

        // Whoever reads waits for an answer, so that there has to be one behind the word that it is the last.
        asked++;
        Volatile.Write(ref isLast, true);
        await client.SendHeadersAsync((2 * asked) - 1, 5, Http2Frames.Get);
        await told.SoonAsync();
        Assert.All(statuses, status => Assert.True(status is "200" or "503", status));
        int refused = Count("503");
        Assert.Equal(refused, proxy.Server.Stats.Overload.Refused);
        // Filters see nothing of them.
        Assert.Equal(asked - refused, busy.Seen);
        Assert.Contains("loop 0 has more to do than it can", proxy.Log, StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0);
        proxy.Server.LogFiles.All.ToList().ForEach(file => file.Flush(Eventually.Patience));
        var lines = File.ReadLines(_folder.File("access.log")).CountBy(line => line).ToDictionary();
        Assert.Equal((refused, asked - refused), (lines["503 OM"], lines["200 -"]));

        // With the load goes the refusing, as soon as this machine lets the loop run for a second.
        busy.Milliseconds = 0;
        await Eventually.HoldsAsync(async () => Array.TrueForAll(await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => proxy.SendAsync(Get))), answer => StatusOf(answer) == 200));

        int Count(string status) => statuses.Count(each => each == status);
    }

    [Fact]
    public async Task A_call_of_gRPC_is_told_so_by_its_status()
    {
        using var upstream = RawUpstream.Answering(Response("ok"), remembers: false);
        await using var proxy = await StartAsync(upstream, new BusyFilter { Milliseconds = 20 }, "100ms");
        using var client = await Http2Frames.ConnectAsync(proxy.Port);
        var told = Task.Run(async () =>
        {
            while (true)
            {
                var fields = client.Decode((await client.ReadAsync(FrameType.Headers)).Payload);
                if (fields.Contains((":status", "200")) && fields.Contains(("grpc-status", "14")) && fields.Contains(("grpc-message", "overloaded")))
                {
                    return;
                }
            }
        });
        for (int stream = 1; stream < 4000 && !told.IsCompleted; stream += 2)
        {
            await client.SendHeadersAsync(stream, 5, [.. Http2Frames.Post, ("content-type", "application/grpc")]);
            await Task.Delay(5);
        }

        await told.SoonAsync();
        Assert.NotEqual(0, proxy.Server.Stats.Overload.Refused);
    }

    [Theory]
    [InlineData("0s", 20)]
    [InlineData("20s", 20)]
    public async Task Without_a_limit_and_below_it_all_are_answered(string delay, int milliseconds)
    {
        using var upstream = RawUpstream.Answering(Response("ok"), remembers: false);
        await using var proxy = await StartAsync(upstream, new BusyFilter { Milliseconds = milliseconds }, delay);

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => proxy.SendAsync(Get)));

        Assert.All(answers, answer => Assert.Equal(200, StatusOf(answer)));
        Assert.Equal(0, proxy.Server.Stats.Overload.Refused);
    }

    private Task<TestProxy> StartAsync(RawUpstream upstream, BusyFilter filter, string delay)
    {
        var registry = new StreamFilterRegistry();
        registry.Add("busy", _ => new StreamFilterFactory<BusyFilter.OfStream>(() => new BusyFilter.OfStream(filter)));
        string log = _folder.File("error.log");
        return TestProxy.StartJsonAsync(
            $$"""
            {"servers":[{"default_log_path":"{{log}}","processor":1,"graceful_timeout":"1s","overload_delay":"{{delay}}",
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up"} }]}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,
              "access_logs":[{"log_path":"{{_folder.File("access.log")}}","log_format":"%response_code% %response_flags%"}],
              "filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r","extend_config":{"Http2":{"max_concurrent_streams":1000} } } }]}],
              "stream_filters":[{"type":"busy"}]}]}],
            "cluster_manager":{"clusters":[{"name":"up","connect_timeout":"20s","hosts":[{"address":"{{upstream.Address}}"}]}]} }
            """,
            registry,
            log);
    }

    /// <summary>Keeps its loop from everything else for a while.</summary>
    private sealed class BusyFilter
    {
        private int _seen;

        internal int Milliseconds { get; set; }

        internal int Seen => Volatile.Read(ref _seen);

        internal sealed class OfStream(BusyFilter shared) : StreamFilter
        {
            public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
            {
                // To the proxy it is the same whether the processor works meanwhile; to this machine it is not.
                Thread.Sleep(shared.Milliseconds);
                _ = Interlocked.Increment(ref shared._seen);
                return FilterAction.Continue;
            }
        }
    }
}
