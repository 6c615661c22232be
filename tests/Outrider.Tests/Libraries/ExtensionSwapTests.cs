using System.Globalization;
using System.Net.Http;
using System.Runtime.InteropServices;
using System.Text.Json;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Libraries;

/// <summary>An assembly that the configuration lists as an extension: all that it brings is exchanged when its file changes, not stream filters alone.</summary>
public sealed class ExtensionSwapTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("outrider-extension-").FullName;
    private readonly RawUpstream _first = RawUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nv1"), _second = RawUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nv2");
    private readonly HttpClient _client = new();
    private readonly int _port = OutriderProcess.FreePort(), _admin = OutriderProcess.FreePort();

    private string Library => Path.Combine(_folder, "kinds.dll");

    private string Log => File.Exists(Path.Combine(_folder, "out.log")) ? File.ReadAllText(Path.Combine(_folder, "out.log")) : "";

    public void Dispose()
    {
        _client.Dispose();
        _first.Dispose();
        _second.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Every_kind_of_extension_follows_its_file()
    {
        CompiledLibrary.Write(Library, Source("v1"));
        using var proxy = await StartAsync("\"kinds.dll\"");
        await AllBecomeAsync("v1");

        CompiledLibrary.Write(Library, Source("v2"));

        await AllBecomeAsync("v2");
        var status = await StatusAsync();
        Assert.Equal(2, status.GetProperty("version").GetInt32());
        Assert.Equal(
            ["SWAP_BALANCER", "SWAP_DRIVER", "swap-certs", "swap-checker", "swap-extend", "swap-hearer", "swap-listener", "swap-network", "swap-route", "swap-source", "swap-transcoder"],
            status.GetProperty("extensions").EnumerateArray().Select(name => name.GetString()).Order(StringComparer.Ordinal));
        // By the name of any of them.
        CompiledLibrary.Write(Library, Source("v3"));
        using var reload = await _client.PostAsync(new Uri($"http://127.0.0.1:{_admin}/api/v1/library?reload=SWAP_BALANCER"), null);
        Assert.Equal(200, (int)reload.StatusCode);
        await AllBecomeAsync("v3");
        // Nothing of the proxy holds what has been exchanged: the connections that began with it are gone.
        _client.CancelPendingRequests();
        await GoneAsync();
    }

    [Fact]
    public async Task A_version_that_is_wrong_leaves_all_of_the_one_before()
    {
        CompiledLibrary.Write(Library, Source("v1"));
        using var proxy = await StartAsync("\"kinds.dll\"");
        await AllBecomeAsync("v1");

        // One class is not as its attribute wants it, and the others are.
        CompiledLibrary.Write(Library, Source("v2") + "[LoadBalancer(\"SECOND\")] public sealed class Wrong { }");
        await LogsAsync("Wrong has [LoadBalancer] but is not a class that implements ILoadBalancer; the version before stays");
        await AllBecomeAsync("v1");

        // One that loads, without a name that the configuration uses.
        CompiledLibrary.Write(Library, Source("v2").Replace("SWAP_BALANCER", "RENAMED", StringComparison.Ordinal));
        await LogsAsync("there is no load balancer 'SWAP_BALANCER'");
        // The provider that was made for it has written its version, and the one before goes on without being asked again.
        await AllBecomeAsync("v1", but: "certificates");

        CompiledLibrary.Write(Library, Source("v3"));
        await AllBecomeAsync("v3");
    }

    // What a refused version has shown of itself is taken back, and nothing is another for it.
    [Fact]
    public async Task After_a_version_that_was_refused_a_reload_makes_nothing_anew()
    {
        CompiledLibrary.Write(Library, Source("v1"));
        using var proxy = await StartAsync("\"kinds.dll\"");
        await AllBecomeAsync("v1");
        string[] kinds = ["filter", "listener", "network", "route", "certificates", "source"];
        string Made() => string.Join(", ", kinds.Select(kind => $"{kind} {File.ReadAllLines($"{_folder}/made.{kind}").Count(line => line == "v1")}"));
        string before = Made();
        CompiledLibrary.Write(Library, Source("v2").Replace("SWAP_BALANCER", "RENAMED", StringComparison.Ordinal));
        await LogsAsync("there is no load balancer 'SWAP_BALANCER'");

        // The file holds it still: it is tried and refused once more, and the configuration is loaded all the same.
        proxy.Signal(PosixSignal.SIGHUP);
        await LogsAsync("configuration reloaded");

        Assert.Equal(before, Made());
        await AllBecomeAsync("v1", but: "certificates");
    }

    [Fact]
    public async Task One_that_is_not_to_be_hot_stays()
    {
        CompiledLibrary.Write(Library, Source("v1"));
        using var proxy = await StartAsync("""{"path":"kinds.dll","hot":"off"}""");
        await AllBecomeAsync("v1");

        CompiledLibrary.Write(Library, Source("v2"));
        proxy.Signal(PosixSignal.SIGHUP);

        await LogsAsync($"{Library} has changed; what was loaded from it stays");
        await AllBecomeAsync("v1");
    }

    // Nothing of the proxy holds what has been exchanged.
    [Theory]
    [InlineData("filter", "\"stream_filters\":[{\"type\":\"swap-filter\"}],", "", "", "")]
    [InlineData("driver", "\"stream_filters\":[{\"type\":\"metadata\",\"config\":{\"metadataers\":[{\"meta_data_key\":\"SWAP_DRIVER\"}]}}],", "", "", "")]
    [InlineData("transcoder", "\"stream_filters\":[{\"type\":\"transcoder\",\"config\":{\"type\":\"swap-transcoder\"}}],", "", "", "")]
    [InlineData("listener", "\"listener_filters\":[{\"type\":\"swap-listener\"}],", "", "", "")]
    [InlineData("network", "", "{\"type\":\"swap-network\"},", "", "")]
    [InlineData("route", "", "", ",\"router_handler_name\":\"swap-route\"", "")]
    [InlineData("balancer", "", "", "", "\"lb_type\":\"SWAP_BALANCER\",")]
    [InlineData("checker", "", "", "", "\"health_check\":{\"protocol\":\"swap-checker\",\"service_name\":\"up\",\"interval\":\"100ms\",\"timeout\":\"20s\",\"common_callbacks\":[\"swap-hearer\"]},")]
    [InlineData("certificates", "", "", "", "\"tls_context\":{\"status\":true,\"type\":\"swap-certs\",\"insecure_skip\":true},")]
    public async Task The_code_of_a_version_goes(string kind, string listener, string chain, string proxyConfig, string cluster)
    {
        CompiledLibrary.Write(Library, Source("v1"));
        ConfigureOnly(listener, chain, proxyConfig, cluster);
        using var proxy = OutriderProcess.Start("start", "-c", Path.Combine(_folder, "mosn.json"), "--warm-up", "no");
        await proxy.ListensAsync(_port);
        async Task BecomesAsync(string version)
        {
            long end = Environment.TickCount64 + (long)Eventually.Patience.TotalMilliseconds;
            while (!File.Exists($"{_folder}/seen.{kind}") || await File.ReadAllTextAsync($"{_folder}/seen.{kind}") != version)
            {
                using var client = new HttpClient();
                using var response = await client.GetAsync(new Uri($"http://127.0.0.1:{_port}/"));
                Assert.True(Environment.TickCount64 < end, Log);
            }
        }

        await BecomesAsync("v1");
        CompiledLibrary.Write(Library, Source("v2"));
        await BecomesAsync("v2");

        await GoneAsync();
    }

    [Theory]
    [InlineData("""{"path":"kinds.dll","hot":"maybe"}""", "extensions[0].hot")]
    [InlineData("""{"hot":true}""", "extensions[0]: ")]
    [InlineData("""{"path":"kinds.dll","hott":true}""", "extensions[0].hott")]
    [InlineData("7", "extensions[0]: ")]
    public async Task What_is_wrong_with_an_entry_is_named(string entry, string expected)
    {
        CompiledLibrary.Write(Library, Source("v1"));
        Configure(entry);
        var (_, said, error) = await OutriderProcess.RunAsync("check", "--strict", "-c", Path.Combine(_folder, "mosn.json"));
        Assert.Contains(expected, said + error, StringComparison.Ordinal);
    }

    // Each kind writes which version it is where the test can read it.
    private string Source(string version) => $$"""
        using System;
        using System.IO;
        using System.Threading;
        using System.Threading.Tasks;
        using Outrider.Filters;

        namespace Kinds;

        internal static class Seen
        {
            public static void By(string kind) { lock (typeof(Seen)) File.WriteAllText("{{_folder}}/seen." + kind, "{{version}}"); }
            public static bool Made(string kind) { lock (typeof(Seen)) File.AppendAllText("{{_folder}}/made." + kind, "{{version}}\n"); return true; }
        }

        public sealed class FilterOptions { private readonly bool _made = Seen.Made("filter"); }

        public sealed class NetworkOptions { private readonly bool _made = Seen.Made("network"); }

        [StreamFilter("swap-filter")]
        public sealed class Filter(FilterOptions options) : StreamFilter
        {
            public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream) { GC.KeepAlive(options); Seen.By("filter"); return FilterAction.Continue; }
        }

        [LoadBalancer("SWAP_BALANCER")]
        public sealed class Balancer : ILoadBalancer
        {
            public IHostPicker BuildPicker(BalancedHosts hosts, IHostPicker? previous) => new Picker();

            private sealed class Picker : IHostPicker
            {
                public int Pick(ref PickContext context) { Seen.By("balancer"); return 0; }
            }
        }

        [ListenerFilter("swap-listener")]
        public sealed class Listening : IListenerFilter
        {
            private readonly bool _made = Seen.Made("listener");
            public int MaxBytes => 1;
            public ListenerFilterResult Inspect(AcceptedConnection connection, ReadOnlySpan<byte> received, bool isAll) { Seen.By("listener"); return ListenerFilterResult.Continue; }
        }

        [NetworkFilter("swap-network")]
        public sealed class Network(NetworkOptions options) : NetworkFilter
        {
            public override ValueTask<NetworkAction> OnConnectedAsync() { GC.KeepAlive(options); Seen.By("network"); return new(NetworkAction.Continue); }
        }

        [MetadataDriver("SWAP_DRIVER")]
        public sealed class Driver : IMetadataDriver
        {
            public MetadataLabel BuildMetadata(RequestHeaders headers, BodyBuffer? body, HeaderMap? trailers) { Seen.By("driver"); return MetadataLabel.None; }
        }

        [Transcoder("swap-transcoder")]
        public sealed class Transcoding : ITranscoder
        {
            public ValueTask TranscodeRequestAsync(StreamContext stream, RequestHeaders headers, BodyBuffer body, HeaderMap? trailers) { Seen.By("transcoder"); return default; }
            public ValueTask TranscodeResponseAsync(StreamContext stream, ResponseHeaders headers, BodyBuffer body, HeaderMap? trailers) => default;
        }

        [ConfigurationExtension("swap-extend")]
        public sealed class Extend(FilterConfiguration configuration) : IConfigurationExtension
        {
            public void Apply() { GC.KeepAlive(configuration); Seen.By("extend"); }
        }

        [CertificateProvider("swap-certs")]
        public sealed class Certificates(CertificateProviderContext context) : ICertificateProvider
        {
            private readonly bool _made = Seen.Made("certificates");
            public ValueTask<CertificateMaterial> StartAsync(Action<CertificateMaterial> renewed, CancellationToken cancellationToken)
            {
                GC.KeepAlive(context);
                Seen.By("certificates");
                return new(new CertificateMaterial(null, null, null));
            }

            public void Dispose() { }
        }

        [HealthChecker("swap-checker")]
        public sealed class Checker : IHealthChecker
        {
            public ValueTask<HealthCheckResult> CheckAsync(CheckedHost host, CancellationToken cancellation) { Seen.By("checker"); return new(HealthCheckResult.Healthy); }
        }

        [HealthCheck("swap-hearer")]
        public sealed class Hearer : IHealthCheckCallback
        {
            public void OnChecked(HealthCheckEvent check) { Seen.By("hearer"); }
        }

        [RouteHandler("swap-route")]
        public sealed class Routes : IRouteHandler
        {
            private readonly bool _made = Seen.Made("route");
            public bool Accepts(RouteInfo route, StreamContext stream) { Seen.By("route"); return true; }
        }

        [ConfigurationSource("swap-source")]
        public sealed class Updates : IConfigurationSource
        {
            private readonly bool _made = Seen.Made("source");
            public Task RunAsync(IConfigurationUpdates updates, CancellationToken stop) { Seen.By("source"); return Task.Delay(-1, stop); }
        }
        """;

    private void Configure(string entry) => File.WriteAllText(Path.Combine(_folder, "mosn.json"), string.Create(CultureInfo.InvariantCulture, $$$"""
        {"extensions":[{{{entry}}}],"extends":[{"type":"swap-extend","config":{}}],"configuration_sources":[{"type":"swap-source"}],
        "servers":[{"default_log_path":"{{{_folder}}}/out.log","default_log_level":"INFO","graceful_timeout":"1s","processor":2,
        "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}]}]}],
        "listeners":[{"name":"l","address":"127.0.0.1:{{{_port}}}","bind_port":true,"listener_filters":[{"type":"swap-listener"}],
          "stream_filters":[{"type":"swap-filter"},{"type":"metadata","config":{"metadataers":[{"meta_data_key":"SWAP_DRIVER"}]}},{"type":"transcoder","config":{"type":"swap-transcoder"}}],
          "filter_chains":[{"filters":[{"type":"swap-network"},{"type":"proxy","config":{"downstream_protocol":"Http1","upstream_protocol":"Http1","router_config_name":"r","router_handler_name":"swap-route"}}]}]}]}],
        "cluster_manager":{"clusters":[
          {"name":"up","type":"SIMPLE","lb_type":"SWAP_BALANCER","health_check":{"protocol":"swap-checker","service_name":"up","interval":"100ms","timeout":"20s","common_callbacks":["swap-hearer"]},
           "hosts":[{"address":"{{{_first.Address}}}"},{"address":"{{{_second.Address}}}"}]},
          {"name":"secure","type":"SIMPLE","lb_type":"LB_RANDOM","tls_context":{"status":true,"type":"swap-certs","insecure_skip":true},"hosts":[{"address":"{{{_first.Address}}}"}]}]},
        "admin":{"address":{"socket_address":{"address":"127.0.0.1","port_value":{{{_admin}}} } } } }
        """));

    private void ConfigureOnly(string listener, string chain, string proxyConfig, string cluster) => File.WriteAllText(Path.Combine(_folder, "mosn.json"), string.Create(CultureInfo.InvariantCulture, $$$"""
        {"extensions":["kinds.dll"],
        "servers":[{"default_log_path":"{{{_folder}}}/out.log","default_log_level":"INFO","graceful_timeout":"1s","processor":1,
        "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}]}]}],
        "listeners":[{"name":"l","address":"127.0.0.1:{{{_port}}}","bind_port":true,{{{listener}}}
          "filter_chains":[{"filters":[{{{chain}}}{"type":"proxy","config":{"downstream_protocol":"Http1","upstream_protocol":"Http1","router_config_name":"r"{{{proxyConfig}}}}}]}]}]}],
        "cluster_manager":{"clusters":[{"name":"up","type":"SIMPLE",{{{cluster}}}"hosts":[{"address":"{{{_first.Address}}}"}]}]},
        "admin":{"address":{"socket_address":{"address":"127.0.0.1","port_value":{{{_admin}}} } } } }
        """));

    private async Task<OutriderProcess> StartAsync(string entry)
    {
        Configure(entry);
        var proxy = OutriderProcess.Start("start", "-c", Path.Combine(_folder, "mosn.json"), "--warm-up", "no");
        await proxy.ListensAsync(_port);
        return proxy;
    }

    // On connections of their own, which come to either loop.
    private async Task AllBecomeAsync(string version, string but = "")
    {
        string[] kinds = ["filter", "balancer", "listener", "network", "driver", "transcoder", "certificates", "checker", "hearer", "route", "source", "extend"];
        string Missing() => string.Join(", ", kinds.Where(kind => kind != but).Where(kind => !File.Exists($"{_folder}/seen.{kind}") || File.ReadAllText($"{_folder}/seen.{kind}") != version));
        long end = Environment.TickCount64 + (long)Eventually.Patience.TotalMilliseconds;
        do
        {
            using var client = new HttpClient();
            using var response = await client.GetAsync(new Uri($"http://127.0.0.1:{_port}/"));
            Assert.Equal(200, (int)response.StatusCode);
            Assert.True(Environment.TickCount64 < end, $"not {version}: {Missing()}: {Log}");
        }
        while (Missing().Length > 0);
    }

    private async Task GoneAsync()
    {
        for (long end = Environment.TickCount64 + (long)Eventually.Patience.TotalMilliseconds; (await StatusAsync()).GetProperty("old_versions").GetInt32() > 0;)
        {
            Assert.True(Environment.TickCount64 < end, "an old version stays: " + Log);
            await Task.Delay(50);
        }
    }

    private async Task<JsonElement> StatusAsync() => JsonDocument.Parse(await _client.GetStringAsync(new Uri($"http://127.0.0.1:{_admin}/api/v1/library"))).RootElement[0];

    private Task LogsAsync(string text) => Eventually.HoldsAsync(() => Log.Contains(text, StringComparison.Ordinal));
}
