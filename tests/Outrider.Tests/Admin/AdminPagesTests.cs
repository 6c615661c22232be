using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Outrider.Proxy.Admin;
using Outrider.Proxy.Admin.Handlers;

namespace Outrider.Tests.Admin;

public sealed class AdminPagesTests : IDisposable
{
    private readonly FakeAdminSource _source = new();
    private readonly AdminServer _server;
    private readonly HttpClient _http = new();

    public AdminPagesTests()
    {
        _server = AdminServer.Start(new IPEndPoint(IPAddress.Loopback, 0), BuiltInPages.Of(_source));
        _http.BaseAddress = new Uri($"http://{_server.EndPoint}");
    }

    public void Dispose()
    {
        _http.Dispose();
        _server.Dispose();
        _source.Dispose();
    }

    [Fact]
    public async Task The_root_lists_every_page()
    {
        string[] lines = (await _http.GetStringAsync("/")).Split('\n');
        Assert.Equal("supported APIs:", lines[0]);
        Assert.Contains("/metrics  GET: counters for Prometheus", lines);
        Assert.Contains("/api/v1/update_loglevel  POST: {\"log_path\": \"stdout\", \"log_level\": \"DEBUG\"}", lines);
        Assert.All(lines[1..^1], line => Assert.StartsWith("/", line, StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.StartsWith("/ ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_tools_for_Envoy_ask_for_has_its_form()
    {
        using var info = JsonDocument.Parse(await _http.GetStringAsync("/server_info"));
        Assert.Equal("LIVE", info.RootElement.GetProperty("state").GetString());
        Assert.Matches("^[0-9]+s$", info.RootElement.GetProperty("uptime_current_epoch").GetString());

        string[] lines = (await _http.GetStringAsync("/stats?filter=_total$|live$")).TrimEnd().Split('\n');
        Assert.Contains("server.live: 1", lines);
        Assert.Equal(lines.Order(StringComparer.Ordinal), lines);
        Assert.Contains(lines, line => Regex.IsMatch(line, @"^cluster\.[^ ]+\.upstream_rq_total: [0-9]+$"));
        Assert.Contains(lines, line => Regex.IsMatch(line, @"^http\.[^ ]+\.downstream_rq_total: [0-9]+$"));
        Assert.Equal("server.live: 1\n", await _http.GetStringAsync("/stats?filter=^server.live"));
        Assert.DoesNotContain(": 0\n", await _http.GetStringAsync("/stats?usedonly"), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(await _http.GetStringAsync("/stats?format=json&filter=_total$|live$"));
        Assert.Equal(lines.Length, json.RootElement.GetProperty("stats").GetArrayLength());
        using var wrong = await _http.GetAsync("/stats?filter=(");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);

        string dump = await _http.GetStringAsync("/config_dump");
        using var config = JsonDocument.Parse(dump);
        Assert.Equal(2, config.RootElement.GetProperty("configs")[0].GetProperty("bootstrap").GetProperty("servers")[0].GetProperty("listeners").GetArrayLength());
        Assert.DoesNotContain("key.pem", dump, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_configuration_is_shown_without_private_keys()
    {
        string json = await _http.GetStringAsync("/api/v1/config_dump");
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.Equal(2, document.RootElement.GetProperty("servers")[0].GetProperty("listeners").GetArrayLength());
        Assert.DoesNotContain("key.pem", json, StringComparison.Ordinal);
        Assert.DoesNotContain("MIGH", json, StringComparison.Ordinal);
        Assert.Contains("BEGIN CERTIFICATE", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mosnconfig", """{"servers":[{"default_log_path":"stdout"}],"cluster_manager":{}}""")]
    [InlineData("allrouters", """{"r":{"router_config_name":"r","virtual_hosts":[]}}""")]
    [InlineData("allclusters", """{"c":{"name":"c","hosts":[{"address":"127.0.0.1:90"}]}}""")]
    [InlineData("router=r", """{"router_config_name":"r","virtual_hosts":[]}""")]
    [InlineData("router=nope", "{}")]
    [InlineData("cluster=c", """{"name":"c","hosts":[{"address":"127.0.0.1:90"}]}""")]
    [InlineData("listener=127.0.0.1%3A81", """{"address":"127.0.0.1:81","x":"[redacted]"}""")]
    public async Task One_parameter_names_a_part_as_in_MOSN(string query, string expected)
    {
        using JsonDocument actual = JsonDocument.Parse(await _http.GetStringAsync("/api/v1/config_dump?" + query));
        using JsonDocument wanted = JsonDocument.Parse(expected);
        Assert.True(JsonElement.DeepEquals(wanted.RootElement, actual.RootElement), actual.RootElement.GetRawText());
    }

    [Fact]
    public async Task All_listeners_go_by_name_or_address()
    {
        using JsonDocument all = JsonDocument.Parse(await _http.GetStringAsync("/api/v1/config_dump?alllisteners"));
        Assert.Equal(["l", "127.0.0.1:81"], all.RootElement.EnumerateObject().Select(p => p.Name));
    }

    [Theory]
    [InlineData("/api/v1/config_dump?a=1&b=2", 400)]
    [InlineData("/api/v1/config_dump?nonsense", 500)]
    [InlineData("/api/v1/stats?a&b", 400)]
    public async Task Wrong_parameters_have_MOSNs_statuses(string target, int status)
    {
        using HttpResponseMessage response = await _http.GetAsync(target);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task Stats_have_MOSNs_names_and_numbers_as_strings()
    {
        _source.Stats.Listener("l")[0].CountResponse(200);
        _source.Stats.Listener("l")[1].CountResponse(200);
        _source.Stats.Listener("l")[1].ConnectionsAccepted = 7;
        _source.Stats.Cluster("c")[0].ConnectFailures = 5;
        string text = await _http.GetStringAsync("/api/v1/stats");
        Assert.StartsWith("{\n\t\"downstream\": {\n\t\t\"listener.l\": {\n\t\t\t\"bytes_read_buffered\": \"0\",\n", text, StringComparison.Ordinal);
        using JsonDocument stats = JsonDocument.Parse(text);
        JsonElement listener = stats.RootElement.GetProperty("downstream").GetProperty("listener.l");
        Assert.Equal(("2", "7"), (listener.GetProperty("request_200_total").GetString(), listener.GetProperty("connection_total").GetString()));
        Assert.Equal("7", stats.RootElement.GetProperty("downstream").GetProperty("proxy.global").GetProperty("connection_total").GetString());
        JsonElement upstream = stats.RootElement.GetProperty("upstream");
        Assert.Equal("5", upstream.GetProperty("cluster.c").GetProperty("connection_con_fail").GetString());
        Assert.Equal("20", upstream.GetProperty("cluster.c.host.127.0.0.1:90").GetProperty("request_total").GetString());
    }

    [Fact]
    public async Task The_counters_of_all_listeners_stand_one_a_line()
    {
        _source.Stats.Listener("l")[1].ConnectionsAccepted = 7;

        string[] lines = (await _http.GetStringAsync("/api/v1/stats_glob")).Split('\n');

        Assert.Contains("connection_total:7", lines);
        Assert.Contains("process_time_max:0", lines);
        Assert.Equal("", lines[^1]);
    }

    [Fact]
    public async Task The_server_is_described_as_Envoy_does()
    {
        using JsonDocument info = JsonDocument.Parse(await _http.GetStringAsync("/server_info"));
        Assert.Equal(("outrider/1.2.3", "LIVE"), (info.RootElement.GetProperty("version").GetString(), info.RootElement.GetProperty("state").GetString()));
        Assert.Matches("^[0-9]+s$", info.RootElement.GetProperty("uptime_current_epoch").GetString());
        Assert.Equal(2, info.RootElement.GetProperty("command_line_options").GetProperty("concurrency").GetInt32());
    }

    [Fact]
    public async Task The_configuration_is_dumped_in_Envoys_frame_without_secrets()
    {
        string json = await _http.GetStringAsync("/config_dump");
        using JsonDocument dump = JsonDocument.Parse(json);
        var configs = dump.RootElement.GetProperty("configs").EnumerateArray().ToDictionary(one => one.GetProperty("@type").GetString()!.Split('.')[^1]);
        Assert.Equal("stdout", configs["BootstrapConfigDump"].GetProperty("bootstrap").GetProperty("servers")[0].GetProperty("default_log_path").GetString());
        Assert.Equal("c", configs["ClustersConfigDump"].GetProperty("static_clusters")[0].GetProperty("cluster").GetProperty("name").GetString());
        Assert.Equal("127.0.0.1:81", configs["ListenersConfigDump"].GetProperty("static_listeners")[1].GetProperty("listener").GetProperty("address").GetString());
        Assert.Equal("r", configs["RoutesConfigDump"].GetProperty("static_route_configs")[0].GetProperty("route_config").GetProperty("router_config_name").GetString());
        Assert.DoesNotContain("key.pem", json, StringComparison.Ordinal);

        using JsonDocument clusters = JsonDocument.Parse(await _http.GetStringAsync("/config_dump?resource=static_clusters"));
        Assert.Equal("type.googleapis.com/envoy.admin.v3.ClustersConfigDump.StaticCluster", Assert.Single(clusters.RootElement.GetProperty("configs").EnumerateArray()).GetProperty("@type").GetString());
        Assert.Equal(404, (int)(await _http.GetAsync("/config_dump?resource=nope")).StatusCode);
    }

    [Fact]
    public async Task Stats_have_Envoys_names_and_forms()
    {
        _source.Stats.Listener("l")[0].CountResponse(200);
        _source.Stats.Cluster("c")[0].RequestsTotal = 3;
        _source.Stats.Cluster("c")[1].RequestDuration.Record(2000);

        string[] lines = (await _http.GetStringAsync("/stats")).Split('\n');
        Assert.Contains("cluster.c.upstream_rq_total: 3", lines);
        Assert.Contains("http.l.downstream_rq_2xx: 1", lines);
        Assert.Contains("listener.127.0.0.1_80.downstream_cx_total: 0", lines);
        Assert.Contains("server.live: 1", lines);
        Assert.Contains("http.l.downstream_rq_time: No recorded values", lines);
        Assert.Contains(lines, line => line.StartsWith("cluster.c.upstream_rq_time: P0(nan,", StringComparison.Ordinal));

        Assert.Equal("cluster.c.upstream_rq_total: 3\n", await _http.GetStringAsync("/stats?filter=rq_total$&usedonly"));
        Assert.DoesNotContain("upstream_rq_total", await _http.GetStringAsync("/stats?type=Gauges"), StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(await _http.GetStringAsync("/stats?format=json&filter=cluster"));
        var stats = json.RootElement.GetProperty("stats").EnumerateArray().ToList();
        Assert.Equal(3, stats.Single(one => one.TryGetProperty("name", out var name) && name.GetString() == "cluster.c.upstream_rq_total").GetProperty("value").GetInt64());
        Assert.Equal("cluster.c.upstream_rq_time", stats[^1].GetProperty("histograms").GetProperty("computed_quantiles")[0].GetProperty("name").GetString());
        foreach (string page in (string[])["/stats?format=prometheus", "/stats/prometheus"])
        {
            string text = await _http.GetStringAsync(page);
            Assert.Contains("# TYPE envoy_cluster_upstream_rq_total counter\n", text, StringComparison.Ordinal);
            Assert.Contains("envoy_cluster_upstream_rq_total{envoy_cluster_name=\"c\"} 3\n", text, StringComparison.Ordinal);
            Assert.Contains("envoy_http_downstream_rq_xx{envoy_response_code_class=\"2\",envoy_http_conn_manager_prefix=\"l\"} 1\n", text, StringComparison.Ordinal);
            Assert.Contains("envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name=\"c\",le=\"2.048\"} 1\n", text, StringComparison.Ordinal);
        }

        Assert.Equal(400, (int)(await _http.GetAsync("/stats?format=xml")).StatusCode);
        Assert.Equal(400, (int)(await _http.GetAsync("/stats?filter=(")).StatusCode);
    }

    [Fact]
    public async Task Features_are_MOSNs_gates()
    {
        using JsonDocument features = JsonDocument.Parse(await _http.GetStringAsync("/api/v1/features"));
        Assert.False(features.RootElement.GetProperty("XdsMtlsEnable").GetBoolean());
        Assert.Equal("true", await _http.GetStringAsync("/api/v1/features?key=PayLoadLimitEnable"));
        Assert.Equal("false", await _http.GetStringAsync("/api/v1/features?key=auto_config"));
        Assert.Equal("false", await _http.GetStringAsync("/api/v1/features?key=nope"));
    }

    [Fact]
    public async Task Variables_of_the_environment_are_told_by_name_alone()
    {
        string name = "OUTRIDER_TEST_" + Guid.NewGuid().ToString("n");
        Environment.SetEnvironmentVariable(name, "a \"b\"");

        using JsonDocument both = JsonDocument.Parse(await _http.GetStringAsync($"/api/v1/env?key={name}&key={name}x"));
        using JsonDocument missing = JsonDocument.Parse(await _http.GetStringAsync($"/api/v1/env?key={name}x"));
        using HttpResponseMessage none = await _http.GetAsync("/api/v1/env");
        Environment.SetEnvironmentVariable(name, null);

        Assert.Equal("a \"b\"", both.RootElement.GetProperty("env").GetProperty(name).GetString());
        Assert.Equal(name + "x", both.RootElement.GetProperty("not_found")[0].GetString());
        Assert.False(missing.RootElement.TryGetProperty("env", out _));
        Assert.Equal((400, "{\n\t\"error\": \"no env key\"\n}\n"), ((int)none.StatusCode, await none.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task One_group_of_stats_can_be_asked_for()
    {
        using JsonDocument stats = JsonDocument.Parse(await _http.GetStringAsync("/api/v1/stats?key=upstream.cluster.c.host.127.0.0.1:90"));
        Assert.Equal("cluster.c.host.127.0.0.1:90", Assert.Single(stats.RootElement.GetProperty("upstream").EnumerateObject()).Name);
        Assert.Equal("no metrics key: nope", await _http.GetStringAsync("/api/v1/stats?key=nope"));
    }

    [Fact]
    public async Task A_log_level_can_be_read_and_changed()
    {
        Assert.Equal($$"""{"{{_source.LogPath}}":"INFO"}""", await _http.GetStringAsync("/api/v1/get_loglevel"));
        Assert.Equal((200, "update logger success\n"), await Post("/api/v1/update_loglevel", $$"""{"log_path":"{{_source.LogPath}}","log_level":"DEBUG"}"""));
        Assert.Equal($$"""{"{{_source.LogPath}}":"DEBUG"}""", await _http.GetStringAsync("/api/v1/get_loglevel"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("[]")]
    [InlineData("""{"log_path":"/nope","log_level":"DEBUG"}""")]
    [InlineData("""{"log_path":"PATH","log_level":"debug"}""")]
    [InlineData("""{"log_path":"PATH","log_level":3}""")]
    [InlineData("""{"log_path":"a\u0000b","log_level":"DEBUG"}""")]
    public async Task A_wrong_log_level_is_refused_in_MOSNs_words(string body)
        => Assert.Equal(
            (400, "{\n\t\"error\": \"update logger failed\"\n}\n"),
            await Post("/api/v1/update_loglevel", body.Replace("PATH", _source.LogPath, StringComparison.Ordinal)));

    [Fact]
    public async Task A_log_can_be_turned_off_and_on()
    {
        Assert.Equal((200, "disable logger success\n"), await Post("/api/v1/disable_log", _source.LogPath));
        Assert.False(_source.LogFiles.Find(_source.LogPath)!.IsEnabled);
        Assert.Equal((200, "enable logger success\n"), await Post("/api/v1/enable_log", _source.LogPath));
        Assert.True(_source.LogFiles.Find(_source.LogPath)!.IsEnabled);
        Assert.Equal((400, "{\n\t\"error\": \"enable logger failed\"\n}\n"), await Post("/api/v1/enable_log", "/nope"));
    }

    [Fact]
    public async Task Metrics_are_in_Prometheus_text_format()
    {
        _source.Stats[0].StreamsActive = 2;
        _source.Stats[1].StreamsActive = 1;
        _source.Stats[1].RequestDuration.Record(TimeSpan.FromMilliseconds(1));
        _source.Stats.Listener("odd \"name\"\\\n")[0].ConnectionsActive = 4;
        using HttpResponseMessage response = await _http.GetAsync("/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        string text = await response.Content.ReadAsStringAsync();
        string[] lines = text.Split('\n');
        Assert.Contains("outrider_streams_active 3", lines);
        Assert.Contains("# TYPE outrider_streams_active gauge", lines);
        Assert.Contains("""outrider_listener_connections_active{listener="odd \"name\"\\\n"} 4""", lines);
        Assert.Contains("""outrider_host_failures_total{cluster="c",host="127.0.0.1:90"} 3""", lines);
        Assert.Contains("""outrider_request_duration_seconds_bucket{le="0.000512"} 0""", lines);
        Assert.Contains("""outrider_request_duration_seconds_bucket{le="0.001024"} 1""", lines);
        Assert.Contains("""outrider_request_duration_seconds_bucket{le="+Inf"} 1""", lines);
        Assert.Contains("outrider_request_duration_seconds_sum 0.001", lines);
        Assert.Contains("outrider_request_duration_seconds_count 1", lines);
        Assert.Contains(lines, line => line.StartsWith("outrider_runtime_allocated_bytes_total ", StringComparison.Ordinal));
        AssertWellFormed(lines);
    }

    // Every sample follows the HELP and TYPE of its family, and no family stands twice.
    private static void AssertWellFormed(string[] lines)
    {
        HashSet<string> families = [];
        string family = "";
        Assert.Equal("", lines[^1]);
        for (int i = 0; i < lines.Length - 1; i++)
        {
            if (lines[i].StartsWith("# HELP ", StringComparison.Ordinal))
            {
                family = lines[i].Split(' ')[2];
                Assert.True(families.Add(family), family);
                Assert.Matches($"^# TYPE {family} (counter|gauge|histogram)$", lines[++i]);
                continue;
            }

            // A filter's family bears its type's name, whose letters stay as they are; tests beside this one have some with capitals.
            Match sample = Regex.Match(lines[i], """^(outrider_filter_[A-Za-z_0-9]+?|[a-z_0-9]+?)(_bucket|_sum|_count)?(\{([a-z_]+="([^"\\]|\\.)*",?)+\})? [-+0-9.E]+$""");
            Assert.True(sample.Success, lines[i]);
            Assert.Contains(family, new[] { sample.Groups[1].Value, sample.Groups[1].Value + sample.Groups[2].Value });
        }
    }

    private async Task<(int Status, string Body)> Post(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8);
        using HttpResponseMessage response = await _http.PostAsync(path, content);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
