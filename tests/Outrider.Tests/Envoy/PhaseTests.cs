using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Envoy;

/// <summary>Whatever a filter does, in whatever phase, at once or after it has waited: the stream ends as it should, and nothing of it stays.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class PhaseTests(EnvoyModules modules)
{
    internal static readonly string[] s_phases = ["headers", "data", "trailers", "request", "response-headers", "response-data", "response-trailers", "response"];

    [EnvoyFact]
    public async Task Each_answer_in_each_phase_ends_its_stream_alone()
    {
        using var upstream = new RawUpstream(AnswerAsync);
        using var envoy = await StartAsync(upstream);
        var wrong = new List<string>();
        foreach (string phase in s_phases)
        {
            // What has been sent to the client cannot be taken back.
            bool late = phase is "response-data" or "response-trailers";
            foreach (bool pause in new[] { false, true })
            {
                foreach (var (action, expected) in new[] { ("continue", "200"), ("reply", late ? "cut" : "203"), ("throw", late ? "cut" : "500"), ("terminate", "cut") })
                {
                    string seen = Describe(await ExchangeAsync(envoy.Port, phase, action, pause));
                    if (seen != expected)
                    {
                        wrong.Add($"{phase} {action}{(pause ? " later" : "")}: {seen}, not {expected}");
                    }
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong) + envoy.Log);
        await StreamTests.EventuallyAsync(() => envoy.GetAsync("/live"), "live=0 ");
    }

    [EnvoyFact]
    public async Task Clients_that_go_away_in_each_phase_leave_nothing_behind_on_two_workers()
    {
        using var upstream = new RawUpstream(AnswerAsync);
        using var envoy = await StartAsync(upstream, workers: 2);
        var clients = Enumerable.Range(0, 8).Select(async seed =>
        {
            var random = new Random(seed);
            for (int i = 0; i < 100; i++)
            {
                var request = Encoding.ASCII.GetBytes(Request(s_phases[random.Next(s_phases.Length)], new[] { "continue", "reply", "throw", "terminate" }[random.Next(4)], random.Next(3) > 0));
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(true, 0) };
                await socket.ConnectAsync(IPAddress.Loopback, envoy.Port);
                int cut = random.Next(2) == 0 ? request.Length : random.Next(request.Length);
                await socket.SendAsync(request.AsMemory(0, cut));
                await Task.Delay(random.Next(8));
            }
        });
        await Task.WhenAll(clients);

        await StreamTests.EventuallyAsync(() => envoy.GetAsync("/live"), "live=0 ");
        Assert.False(envoy.HasExited, envoy.Log);
    }

    [EnvoyFact]
    public async Task A_stream_that_Envoy_ends_itself_cancels_the_filter_that_waits()
    {
        using var upstream = new EchoUpstream();
        string module = await modules.PublishAsync("tests/modules/test-filters");
        using var envoy = await EnvoyProcess.StartAsync(
            modules, upstream.Port, [EnvoyYaml.Filter(module, "phase", name: "f1"), EnvoyYaml.Filter(module, "delay", name: "f2")], more: "stream_idle_timeout: 0.2s");

        using var response = await envoy.SendAsync("/", ("x-delay", "20000"));
        Assert.True(response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.GatewayTimeout, response.StatusCode.ToString());
        await StreamTests.EventuallyAsync(() => envoy.GetAsync("/live"), "live=0 ");
        Assert.Equal(0, upstream.Count);
    }

    [EnvoyFact]
    public async Task A_synchronous_filter_allocates_nothing_per_stream()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        string module = await modules.PublishAsync("tests/modules/test-filters");
        using var envoy = await EnvoyProcess.StartAsync(modules, upstream.Port, [EnvoyYaml.Filter(module, "frugal")]);
        await RunAsync(200);

        // What is built once may fall into any of the runs: one of them has to be clean.
        long least = long.MaxValue;
        for (int run = 0; run < 4 && least > 24_000; run++)
        {
            long before = await AllocatedAsync();
            await RunAsync(2000);
            least = Math.Min(least, await AllocatedAsync() - before);
        }

        // The runtime counts in steps of 8 KB, and to tell the number costs some of them. The smallest object there is has
        // 24 bytes: one for each stream would be 48,000.
        Assert.InRange(least, 0, 24_000);

        async Task RunAsync(int streams)
        {
            for (int i = 0; i < streams; i++)
            {
                using var response = await envoy.SendAsync(HttpMethod.Post, "/", new StringContent("a body"), ("x-token", "secret"));
                Assert.Equal("ok!", await response.Content.ReadAsStringAsync());
                Assert.Equal("outrider", response.Headers.GetValues("x-out").Single());
            }
        }

        // One worker, and so one thread.
        async Task<long> AllocatedAsync() => long.Parse((await envoy.GetAsync("/bytes")).TrimEnd('!'), CultureInfo.InvariantCulture);
    }

    internal static string Request(string phase, string action, bool pause)
        => $"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-at: {phase}\r\nx-do: {action}\r\n{(pause ? "x-pause: 1\r\n" : "")}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-trailer: 1\r\n\r\n";

    internal static async Task<string> ExchangeAsync(int port, string phase, string action, bool pause)
    {
        using var client = new TcpClient("127.0.0.1", port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Request(phase, action, pause)));
        using var all = new MemoryStream();
        try
        {
            await stream.CopyToAsync(all).SoonAsync();
        }
        catch (IOException)
        {
            // Cut with a reset; what came before it counts.
        }

        return Encoding.ASCII.GetString(all.ToArray());
    }

    internal static string Describe(string response)
    {
        int end = response.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return "cut";
        }

        bool whole = response.Contains("transfer-encoding: chunked", StringComparison.Ordinal)
            ? response.Contains("\r\n0\r\n", StringComparison.Ordinal) && response.EndsWith("\r\n\r\n", StringComparison.Ordinal)
            : response.Length > end + 4;
        return whole ? response[9..12] : "cut";
    }

    internal static async Task AnswerAsync(UpstreamConnection connection, int number)
    {
        while (await connection.ReadRequestAsync() is { Length: > 0 })
        {
            await connection.SendAsync("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nworld\r\n0\r\nx-trailer: 2\r\n\r\n");
        }
    }

    private async Task<EnvoyProcess> StartAsync(RawUpstream upstream, int workers = 1)
    {
        string module = await modules.PublishAsync("tests/modules/test-filters");
        // An upstream's trailers are dropped unless its cluster says otherwise.
        string cluster = "  - " + EnvoyYaml.Cluster("trailing", upstream.Port)[..^2]
            + ", typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { \"@type\": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: { http_protocol_options: { enable_trailers: true } } } } }\n";
        return await EnvoyProcess.StartAsync(
            modules, upstream.Port, [EnvoyYaml.Filter(module, "phase")], "{ match: { prefix: \"/\" }, route: { cluster: trailing } }", workers, cluster);
    }
}
