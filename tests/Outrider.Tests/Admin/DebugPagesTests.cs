using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Parsers.Clr;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Configuration;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Admin;

/// <summary>The operations block of seed 003 as it is written, in a process of its own: <c>pprof</c>, <c>admin</c> on all addresses, the sink.</summary>
public sealed class DebugPagesTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _folder = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly int _port = OutriderProcess.FreePort(), _admin = OutriderProcess.FreePort(), _debug = OutriderProcess.FreePort(), _sink = OutriderProcess.FreePort();
    private OutriderProcess _proxy = null!;

    public async Task InitializeAsync()
    {
        string file = _folder.Write("mosn.json", Configuration(""));
        _proxy = OutriderProcess.Start("start", "-c", file);
        await _proxy.ListensAsync(_port);
        // Clients are taken before there are pages.
        await _proxy.ListensAsync(_debug);
    }

    public Task DisposeAsync()
    {
        _proxy.Dispose();
        _http.Dispose();
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task The_operations_block_of_the_seed_works_as_it_is_written()
    {
        Assert.Equal(0, (await OutriderProcess.RunAsync("check", "--strict", "-c", _folder.Write("checked.json", Configuration("")))).Code);
        _ = await _http.GetAsync(Url("127.0.0.1", _port, "/"));

        Assert.Contains("/debug/pprof/heap", await GetAsync(_debug, "/debug/pprof/"), StringComparison.Ordinal);
        using var counters = JsonDocument.Parse(await GetAsync(_debug, "/debug/pprof/counters"));
        Assert.Equal(_proxy.Id, counters.RootElement.GetProperty("pid").GetInt32());
        Assert.True(counters.RootElement.GetProperty("heap").GetProperty("generations").TryGetProperty("gen2", out _));
        Assert.True(counters.RootElement.GetProperty("heap").GetProperty("allocated_bytes_total").GetInt64() > 0);
        Assert.Contains("outrider version", await GetAsync(_admin, "/api/v1/version"), StringComparison.Ordinal);
        string metrics = await GetAsync(_sink, "/metrics");
        Assert.Contains("downstream_request_total{listener=\"l\"} 1", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("downstream_request_time_max", metrics, StringComparison.Ordinal);
        // It listens on all addresses: that is said loudly.
        await Eventually.HoldsAsync(() => _proxy.Out.Contains($"WARNING: admin listens on 0.0.0.0:{_admin}", StringComparison.Ordinal));
        await Eventually.HoldsAsync(() => _proxy.Out.Contains($"WARNING: pprof listens on 0.0.0.0:{_debug}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_CPU_sample_has_the_stacks_of_threads_and_the_names_of_methods()
    {
        int samples = 0;
        HashSet<string> methods = [];
        for (int seconds = 1; seconds <= 9 && samples <= 10; seconds += 4)
        {
            string file = await SaveAsync($"/debug/pprof/profile?seconds={seconds}");
            Read(file, source =>
            {
                source.Dynamic.All += data => samples += data.ProviderName == "Microsoft-DotNETCore-SampleProfiler" ? 1 : 0;
                new ClrRundownTraceEventParser(source).MethodDCStopVerbose += method => methods.Add(method.MethodNamespace + "." + method.MethodName);
            });
        }

        // Each thread, as often as the runtime gets to it.
        Assert.True(samples > 10, $"{samples} samples");
        Assert.Contains("Outrider.Net.Loops.EventLoop.RunOnce", methods);
    }

    [Fact]
    public async Task A_dump_of_the_heap_has_objects_and_their_types_each_time_anew()
    {
        for (int i = 0; i < 2; i++)
        {
            string file = await SaveAsync("/debug/pprof/heap");

            long objects = 0;
            HashSet<string> types = [];
            bool isWhole = false;
            Read(file, source =>
            {
                source.Clr.GCBulkNode += nodes => objects += nodes.Count;
                source.Clr.TypeBulkType += bulk => types.UnionWith(Enumerable.Range(0, bulk.Count).Select(n => bulk.Values(n).TypeName));
                source.Clr.GCStop += _ => isWhole = true;
            });
            Assert.True(objects > 1000, $"{objects} objects");
            Assert.True(isWhole);
            Assert.Contains("Outrider.Net.Loops.EventLoop", types);
        }
    }

    [Fact]
    public async Task One_recording_is_made_at_a_time_and_its_length_has_a_limit()
    {
        Assert.Equal(HttpStatusCode.BadRequest, (await _http.GetAsync(Url("127.0.0.1", _debug, "/debug/pprof/profile?seconds=301"))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await _http.GetAsync(Url("127.0.0.1", _debug, "/debug/pprof/trace?seconds=-1"))).StatusCode);

        var both = await Task.WhenAll(_http.GetAsync(Url("127.0.0.1", _debug, "/debug/pprof/trace?seconds=3")), _http.GetAsync(Url("127.0.0.1", _debug, "/debug/pprof/trace?seconds=3")));

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], both.Select(answer => answer.StatusCode).Order());
    }

    [Fact]
    public async Task Clients_of_other_machines_see_counters_and_change_nothing_unless_the_file_says_so()
    {
        if (OtherAddress() is not { } address)
        {
            // Nothing of this machine can be reached but by loopback; ForeignClientTests has the rule itself.
            return;
        }

        foreach (string page in (string[])["/debug/pprof/profile", "/debug/pprof/trace", "/debug/pprof/heap", "/debug/pprof/cmdline"])
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await _http.GetAsync(Url(address, _debug, page))).StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync(Url(address, _debug, "/debug/pprof/counters"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync(Url(address, _admin, "/api/v1/stats"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, await LevelAsync(address));
        Assert.Equal("{\"stdout\":\"WARN\"}", await GetAsync(_admin, "/api/v1/get_loglevel"));

        _ = _folder.Write("mosn.json", Configuration("\"allow_remote\":true,"));
        _proxy.Signal(System.Runtime.InteropServices.PosixSignal.SIGHUP);
        await Eventually.HoldsAsync(() => LevelAsync(address).Result == HttpStatusCode.OK);
        // These begin anew after the admin API, and end connections when they do.
        await Eventually.HoldsAsync(() => StatusAsync(Url(address, _debug, "/debug/pprof/cmdline")).Result == HttpStatusCode.OK);
    }

    private async Task<HttpStatusCode?> StatusAsync(Uri url)
    {
        try
        {
            return (await _http.GetAsync(url)).StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static string? OtherAddress() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(one => one.OperationalStatus == OperationalStatus.Up)
        .SelectMany(one => one.GetIPProperties().UnicastAddresses)
        .Select(one => one.Address)
        .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address))?.ToString();

    private static Uri Url(string host, int port, string page) => new($"http://{host}:{port}{page}");

    private static void Read(string file, Action<EventPipeEventSource> listen)
    {
        using var source = new EventPipeEventSource(file);
        listen(source);
        Assert.True(source.Process());
    }

    private async Task<HttpStatusCode> LevelAsync(string address)
    {
        using var level = new StringContent("""{"log_path":"stdout","log_level":"ERROR"}""");
        return (await _http.PostAsync(Url(address, _admin, "/api/v1/update_loglevel"), level)).StatusCode;
    }

    private Task<string> GetAsync(int port, string page) => _http.GetStringAsync(Url("127.0.0.1", port, page));

    private async Task<string> SaveAsync(string page)
    {
        string file = Path.Combine(_folder.Path, $"{Guid.NewGuid():n}.nettrace");
        await File.WriteAllBytesAsync(file, await _http.GetByteArrayAsync(Url("127.0.0.1", _debug, page)));
        return file;
    }

    // The block is the seed's, but for the ports; the rest is what makes it a proxy.
    private string Configuration(string more) => $$"""
        {"servers":[{"default_log_path":"stdout","default_log_level":"WARN","processor":1,
        "routers":[{"router_config_name":"r","virtual_hosts":[{"domains":["*"],"routers":[{"match":{"prefix":"/"},"direct_response":{"status":200} }]}]}],
        "listeners":[{"name":"l","address":"127.0.0.1:{{_port}}","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"} }]}]}]}],
        "admin":{ {{more}} "address":{"socket_address":{"address":"0.0.0.0","port_value":{{_admin}} } } },
        "pprof":{ {{more}} "debug":true,"port_value":{{_debug}} },
        "metrics":{"shm_zone":"","shm_size":"0","stats_matcher":{"exclusion_labels":["host"],"exclusion_keys":["request_duration_time","request_time","process_time"]},
          "sinks":[{"type":"prometheus","config":{"port":{{_sink}} } }]} }
        """;
}
