using System.Net.Sockets;
using System.Text;
using Outrider.Configuration;
using Outrider.Filters;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Limits;

/// <summary>A filter that blocks a loop (<c>.Result</c>, a lock) takes that loop's connections with it, and nothing else.</summary>
public sealed class StuckLoopTests
{
    private const string Get = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    private const string Block = "GET / HTTP/1.1\r\nhost: a\r\nx-block: yes\r\nconnection: close\r\n\r\n";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Connections_that_wait_behind_it_are_served_by_others_and_it_goes_on_when_it_can(int loops)
    {
        using var go = new ManualResetEventSlim();
        await using var proxy = await StartAsync(go, loops);
        try
        {
            using var blocking = await RawClient.ConnectAsync(proxy.Port);
            await blocking.SendAsync(Block);
            await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 1);

            // Most of them lie in the socket of the stuck loop, in the kernel, before anybody has noticed.
            string[] answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => RawClient.ExchangeAsync(proxy.Port, Get)));

            Assert.All(answers, answer => Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal));
            Assert.Contains("has been stuck for", proxy.Log, StringComparison.Ordinal);
            Assert.Contains("the filter 'f0' blocks it", proxy.Log, StringComparison.Ordinal);

            go.Set();
            Assert.StartsWith("HTTP/1.1 200 ", await blocking.ReadToEndAsync(), StringComparison.Ordinal);
            await Eventually.HoldsAsync(() => proxy.Log.Contains(" goes on, after ", StringComparison.Ordinal));
            answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => RawClient.ExchangeAsync(proxy.Port, Get)));
            Assert.All(answers, answer => Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal));
        }
        finally
        {
            go.Set();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Connections_to_a_Unix_socket_are_served_behind_it_too(int loops)
    {
        using var go = new ManualResetEventSlim();
        string folder = Directory.CreateTempSubdirectory("outrider-test-").FullName;
        string socket = Path.Combine(folder, "l.sock");
        var registry = new StreamFilterRegistry();
        registry.Add("blocking", _ => new StreamFilterFactory<BlockingFilter>(() => new BlockingFilter(go, null)));
        string log = Path.Combine(folder, "error.log");
        await using var proxy = await TestProxy.StartJsonAsync(
            $$$"""
            {"servers":[{"default_log_path":"{{{log}}}","graceful_timeout":"5s","processor":{{{loops}}},
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"direct_response":{"status":200}}]}]}],
            "listeners":[{"name":"l","address":"{{{socket}}}","network":"unix","bind_port":true,"stream_filters":[{"type":"blocking"}],
              "filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"}}]}]}]}]}
            """,
            registry);
        try
        {
            using var blocking = await ConnectAsync(socket);
            await blocking.SendAsync(Encoding.ASCII.GetBytes(Block));
            await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 1);

            // All loops have this one socket: none of them may keep from the others what lies in it.
            string[] answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => ExchangeAsync(socket)));

            Assert.All(answers, answer => Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal));

            go.Set();
            Assert.StartsWith("HTTP/1.1 200 ", await ReadToEndAsync(blocking), StringComparison.Ordinal);
            answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ExchangeAsync(socket)));
            Assert.All(answers, answer => Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal));
        }
        finally
        {
            go.Set();
            await proxy.Server.StopAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task When_every_loop_is_stuck_the_spare_one_serves()
    {
        using var go = new ManualResetEventSlim();
        using var blocked = new CountdownEvent(2);
        await using var proxy = await StartAsync(go, loops: 2, blocked);
        var blocking = new List<RawClient>();
        try
        {
            // Which loop gets one is the kernel's choice; behind a loop that is stuck the other one takes it, and is stuck too. The second
            // comes when the first loop is inside the filter: before that it could accept both.
            for (int i = 1; i <= 2; i++)
            {
                var client = await RawClient.ConnectAsync(proxy.Port);
                blocking.Add(client);
                await client.SendAsync(Block);
                await Eventually.HoldsAsync(() => blocked.CurrentCount == 2 - i);
            }

            string[] answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => RawClient.ExchangeAsync(proxy.Port, Get)));

            Assert.All(answers, answer => Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal));
            Assert.Contains("the spare loop accepts connections in its place", proxy.Log, StringComparison.Ordinal);
        }
        finally
        {
            go.Set();
            blocking.ForEach(client => client.Dispose());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_end_of_the_process_does_not_wait_for_it(int loops)
    {
        using var go = new ManualResetEventSlim();
        await using var proxy = await StartAsync(go, loops);
        try
        {
            using var blocking = await RawClient.ConnectAsync(proxy.Port);
            await blocking.SendAsync(Block);
            await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 1);

            await proxy.Server.StopAsync().SoonAsync();

            Assert.Contains("is stuck: going on without it", proxy.Log, StringComparison.Ordinal);
            await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(() => RawClient.ConnectAsync(proxy.Port));
        }
        finally
        {
            go.Set();
        }
    }

    [Fact]
    public async Task A_reload_goes_on_without_it_and_it_follows_later()
    {
        using var go = new ManualResetEventSlim();
        await using var proxy = await StartAsync(go, loops: 1);
        try
        {
            using var blocking = await RawClient.ConnectAsync(proxy.Port);
            await blocking.SendAsync(Block);
            await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 1);

            string json = Encoding.UTF8.GetString(proxy.Server.Configuration.Json.Span).Replace("\"stream_filters\":[{\"type\":\"f0\"}]", "\"stream_filters\":[]", StringComparison.Ordinal);
            Assert.DoesNotContain("\"f0\"", json, StringComparison.Ordinal);
            await proxy.Server.ReloadAsync(ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), "test.json").Configuration).SoonAsync();

            Assert.Contains("is stuck: going on without it", proxy.Log, StringComparison.Ordinal);
            // Without the filter the request is forwarded, to a cluster without hosts.
            Assert.StartsWith("HTTP/1.1 503 ", await RawClient.ExchangeAsync(proxy.Port, Get), StringComparison.Ordinal);

            go.Set();
            Assert.StartsWith("HTTP/1.1 200 ", await blocking.ReadToEndAsync(), StringComparison.Ordinal);
            await Eventually.HoldsAsync(() => proxy.Log.Contains(" goes on, after ", StringComparison.Ordinal));
            Assert.StartsWith("HTTP/1.1 503 ", await RawClient.ExchangeAsync(proxy.Port, Get), StringComparison.Ordinal);
        }
        finally
        {
            go.Set();
        }
    }

    [Fact]
    public async Task The_watchdog_repeats_itself_with_the_time_that_has_passed()
    {
        using var go = new ManualResetEventSlim();
        await using var proxy = await StartAsync(go, loops: 1);
        try
        {
            using var blocking = await RawClient.ConnectAsync(proxy.Port);
            await blocking.SendAsync(Block);

            await Eventually.HoldsAsync(() => Times(proxy.Log).Length >= 2);

            int[] times = Times(proxy.Log);
            Assert.True(times[1] > times[0], $"{times[0]} ms, then {times[1]} ms");
        }
        finally
        {
            go.Set();
        }
    }

    private static async Task<Socket> ConnectAsync(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private static async Task<string> ExchangeAsync(string path)
    {
        using var socket = await ConnectAsync(path);
        _ = await socket.SendAsync(Encoding.ASCII.GetBytes(Get));
        return await ReadToEndAsync(socket);
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync().SoonAsync();
    }

    private static int[] Times(string log) =>
    [
        .. System.Text.RegularExpressions.Regex.Matches(log, @"stuck for (\d+) ms")
            .Select(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)),
    ];

    private static Task<TestProxy> StartAsync(ManualResetEventSlim go, int loops, CountdownEvent? blocked = null)
        => TestProxy.StartAsync([], [new StreamFilterFactory<BlockingFilter>(() => new BlockingFilter(go, blocked))], loops: loops);
}
