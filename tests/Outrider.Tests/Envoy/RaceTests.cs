using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Envoy;

/// <summary>Clients that go away at any moment, several modules and several workers: nothing is left, and nothing fails that had time to succeed.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class RaceTests(EnvoyModules modules)
{
    private const string TestFilters = "tests/modules/test-filters";

    // The long run is for those who ask for it: OUTRIDER_ENVOY_STREAMS=100000.
    private static readonly int s_streams = int.Parse(Environment.GetEnvironmentVariable("OUTRIDER_ENVOY_STREAMS") ?? "4000", CultureInfo.InvariantCulture);

    [EnvoyFact]
    public Task Aborting_clients_leave_nothing_behind_in_two_modules_on_two_workers()
        => RunAsync("{ version: a, max_delay_ms: 8 }", "{ version: b }", s_streams);

    [EnvoyFact]
    public Task A_collection_on_every_request_does_no_harm()
        => RunAsync("{ version: a, max_delay_ms: 3, collect: true }", "{ version: b, collect: true }", s_streams / 4);

    private async Task RunAsync(string first, string second, int streams)
    {
        string one = await modules.PublishAsync(TestFilters);
        string other = modules.Copy(one, "test_filters_too");
        using var upstream = new EchoUpstream();
        using var envoy = await EnvoyProcess.StartAsync(
            modules,
            upstream.Port,
            [EnvoyYaml.Filter(one, "life", EnvoyYaml.Struct(first), "f1"), EnvoyYaml.Filter(other, "life", EnvoyYaml.Struct(second), "f2"), EnvoyYaml.Filter(one, "pieces", name: "f3")],
            workers: 2);
        await RoundAsync(envoy, streams / 4);

        // What is in flight at once takes memory once; what each stream leaves behind does so in every round. So one round that adds little is enough.
        long grown = await Growth.LeastAsync(3, 60_000, async () =>
        {
            long before = envoy.ResidentKilobytes();
            int whole = await RoundAsync(envoy, streams);
            Assert.False(envoy.HasExited, envoy.Log);
            Assert.True(whole > streams / 10, $"{whole} whole responses");
            await StreamTests.EventuallyAsync(() => envoy.GetAsync("/life"), "filters=0 ");
            return envoy.ResidentKilobytes() - before;
        });

        Assert.InRange(grown, long.MinValue, 60_000);
        string errors = string.Join('\n', envoy.Log.Split('\n').Where(line => !line.Contains("[warning]", StringComparison.Ordinal) && line.Length > 0).Take(12));
        Assert.True(errors.Length == 0, errors);
    }

    /// <summary>Returns how many clients stayed to the end.</summary>
    private static async Task<int> RoundAsync(EnvoyProcess envoy, int streams)
    {
        int left = streams, whole = 0;
        var clients = Enumerable.Range(0, 32).Select(seed => Task.Run(async () =>
        {
            var random = new Random(seed);
            while (Interlocked.Decrement(ref left) >= 0)
            {
                if (await ExchangeAsync(envoy.Port, random))
                {
                    Interlocked.Increment(ref whole);
                }
            }
        }));
        await Task.WhenAll(clients);
        return whole;
    }

    private static async Task<bool> ExchangeAsync(int port, Random random)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        // Closed with a reset, which Envoy sees at once.
        socket.LingerState = new LingerOption(true, 0);
        await socket.ConnectAsync("127.0.0.1", port);
        int body = random.Next(0, 3) == 0 ? random.Next(1, 100_000) : 0;
        string head = $"POST /x HTTP/1.1\r\nhost: a\r\nx-pause: {random.Next(0, 3)}\r\ncontent-length: {body}\r\nconnection: close\r\n\r\n";
        var bytes = Encoding.ASCII.GetBytes(head + new string('x', body));
        try
        {
            int sent = random.Next(0, 8) == 0 ? random.Next(0, bytes.Length) : bytes.Length;
            await socket.SendAsync(bytes.AsMemory(0, sent));
            if (sent < bytes.Length || random.Next(0, 3) == 0)
            {
                await Task.Delay(random.Next(0, 12));
                return false;
            }

            var buffer = new byte[65536];
            int first = await socket.ReceiveAsync(buffer);
            if (first == 0 || random.Next(0, 8) == 0)
            {
                return false;
            }

            while (await socket.ReceiveAsync(buffer) > 0)
            {
            }

            return Encoding.ASCII.GetString(buffer, 0, Math.Min(first, 12)) == "HTTP/1.1 200";
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
