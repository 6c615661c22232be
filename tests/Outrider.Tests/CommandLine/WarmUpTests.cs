using System.Net;
using System.Text.Json;
using Outrider.Tests.Logging;

namespace Outrider.Tests.CommandLine;

/// <summary>What a first client finds compiled: counted, not timed.</summary>
[Collection(nameof(DemoTests))]
public sealed class WarmUpTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Http1", 1)]
    [InlineData("Http2", 2)]
    [InlineData("Auto", 2)]
    [InlineData("Http1,Http2", 1)]
    public async Task The_way_of_a_first_request_is_compiled_in_the_version_that_clients_speak(string protocol, int version)
    {
        int cold = await CompiledByFirstAsync(protocol, version, "no");
        int warm = int.MaxValue;

        // Most is compiled before; what is left is compiled better, by what the machine has had time for. One that has had little does much of that just then: the least counts.
        for (int tries = 0; tries < 4 && warm >= cold / 3; tries++)
        {
            warm = Math.Min(warm, await CompiledByFirstAsync(protocol, version, "yes"));
        }

        Assert.True(cold > 100 && warm < cold / 3, $"{warm} methods were compiled with a warm-up, and {cold} without one");
    }

    // How many methods the first request has the runtime compile.
    private async Task<int> CompiledByFirstAsync(string protocol, int version, string warmUp)
    {
        int port = OutriderProcess.FreePort(), debug = OutriderProcess.FreePort();
        string file = _folder.File("mosn.json");
        await File.WriteAllTextAsync(file, $$"""
            {"servers":[{"default_log_path":"/dev/null","processor":1,
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"direct_response":{"status":200,"body":"hi"} }]}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:{{port}}","bind_port":true,
              "filter_chains":[{"filters":[{"type":"proxy","config":{"downstream_protocol":"{{protocol}}","router_config_name":"r"} }]}]}]}],
            "pprof":{"debug":true,"endpoint":"127.0.0.1","port_value":{{debug}}} }
            """);
        using var proxy = OutriderProcess.Start("start", "-c", file, "--warm-up", warmUp);
        // Clients are taken before there are pages; nobody may knock at the listener itself.
        await proxy.ListensAsync(debug);
        using var pages = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { DefaultRequestVersion = new Version(version, version == 1 ? 1 : 0), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        int before, last = 0;
        do
        {
            // Until the pages' own way is compiled, and what the start has left to be.
            before = last;
            last = await CompiledAsync(pages, debug);
        }
        while (last != before);

        using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await CompiledAsync(pages, debug) - before;
    }

    private static async Task<int> CompiledAsync(HttpClient pages, int port)
    {
        using var counters = JsonDocument.Parse(await pages.GetStringAsync(new Uri($"http://127.0.0.1:{port}/debug/pprof/counters")));
        return counters.RootElement.GetProperty("compiled_methods").GetInt32();
    }
}
