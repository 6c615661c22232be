using System.Net;
using System.Net.Sockets;
using System.Text;
using Outrider.Configuration;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Telemetry.Extensions;

namespace Outrider.Tests.Configuration;

public class ListenerTests
{
    [Fact]
    public void What_a_listener_leaves_out_has_its_default()
    {
        ListenerConfiguration listener = new Sample().OneListener();
        Assert.Equal("edge", listener.Name);
        Assert.Equal("127.0.0.1:8080", listener.Address);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 8080), listener.EndPoint);
        Assert.Equal(ListenerNetwork.Tcp, listener.Network);
        Assert.True(listener.BindPort);
        Assert.Empty(listener.AccessLogs);
        Assert.Empty(listener.StreamFilters);
        Assert.Equal(TimeSpan.FromSeconds(90), listener.ConnectionIdleTimeout);
        Assert.Equal(65536, listener.ReadBufferSize);
        Assert.Equal(DownstreamProtocols.Any, listener.Proxy.Downstream);
        Assert.Equal("Auto", listener.Proxy.UpstreamProtocol.Name);
        Assert.Equal("main", listener.Proxy.RouterConfigName);
        Assert.Equal("", listener.Proxy.Name);
        Assert.Equal(new HttpLimits(), listener.Proxy.Limits);
    }

    [Fact]
    public void Every_field_of_a_listener_is_read()
    {
        ListenerConfiguration listener = new Sample
        {
            Address = "/tmp/edge.sock",
            Listener = """
                , "network": "UNIX", "connection_idle_timeout": "2m", "default_read_buffer_size": 8192,
                  "access_logs": [{ "log_path": "stdout" }, { "log_path": "/tmp/a.log", "log_format": "%start_time%" }],
                  "stream_filters": [{ "type": "demo", "config": { "User": "bob" } }, { "type": "plain" }]
                """,
        }.OneListener();
        Assert.Equal(ListenerNetwork.Unix, listener.Network);
        Assert.Equal("/tmp/edge.sock", Assert.IsType<UnixDomainSocketEndPoint>(listener.EndPoint).ToString());
        Assert.Equal(TimeSpan.FromMinutes(2), listener.ConnectionIdleTimeout);
        Assert.Equal(8192, listener.ReadBufferSize);
        Assert.Equal([("stdout", null), ("/tmp/a.log", "%start_time%")], listener.AccessLogs.Select(log => (log.Path, log.Format)));
        Assert.Equal(["demo", "plain"], listener.StreamFilters.Select(f => f.Type));
        Assert.Equal("""{ "User": "bob" }""", Encoding.UTF8.GetString(listener.StreamFilters[0].Config.Span));
        Assert.True(listener.StreamFilters[1].Config.IsEmpty);
        Assert.Equal("servers[0].listeners[0].stream_filters[1]", listener.StreamFilters[1].JsonPath);
        FilterConfiguration filter = listener.StreamFilters[0].ToFilterConfiguration(NoPlugins.Instance, new NativeFilterMetrics("x"));
        Assert.Equal(("demo", "/etc/outrider"), (filter.Type, filter.BaseDirectory));
    }

    [Fact]
    public void The_proxy_filter_and_its_limits_are_read()
    {
        ProxyFilterConfiguration proxy = new Sample
        {
            Proxy = """
                , "name": "p", "downstream_protocol": "Http1", "upstream_protocol": "Http1", "extend_config": {
                  "max_request_line_size": 256, "max_header_size": 4096, "max_header_count": 64, "header_timeout": "1s", "body_timeout": "2s",
                  "min_header_rate": 7, "min_body_rate": 8, "min_rate_grace": "9s",
                  "send_timeout": "3s", "filter_timeout": "4s", "max_buffered_body_size": 5, "max_request_body_size": 5000000000,
                  "x_forwarded_for": "replace", "generate_request_id": false, "strict_target": true, "underscores_in_headers": "drop" }
                """,
        }.OneListener().Proxy;
        var limits = new HttpLimits
        {
            MaxRequestLineSize = 256,
            MaxHeaderSize = 4096,
            MaxHeaderCount = 64,
            HeaderTimeout = TimeSpan.FromSeconds(1),
            BodyTimeout = TimeSpan.FromSeconds(2),
            MinHeaderRate = 7,
            MinBodyRate = 8,
            MinRateGrace = TimeSpan.FromSeconds(9),
            SendTimeout = TimeSpan.FromSeconds(3),
            FilterTimeout = TimeSpan.FromSeconds(4),
            MaxBufferedBodySize = 5,
            MaxRequestBodySize = 5000000000,
            Forwarding = new ForwardingConfiguration { For = XForwardedForMode.Replace, GenerateRequestId = false },
            StrictTarget = true,
            Underscores = UnderscoreRule.Drop,
        };
        Assert.Equal(limits, proxy.Limits);
        Assert.Equal(("p", DownstreamProtocols.Http1, "Http1"), (proxy.Name, proxy.Downstream, proxy.UpstreamProtocol.Name));
    }

    [Fact]
    public void Limits_may_stand_in_an_object_named_by_the_protocol_as_in_MOSN()
    {
        var sample = new Sample { Proxy = """, "extend_config": { "Http1": { "max_header_count": 7, "odd": 1 }, "Http2": { "http2_use_stream": true } }""" };
        Assert.Equal(7, sample.OneListener().Proxy.Limits.MaxHeaderCount);
        Assert.Equal(["odd: unknown key", "http2_use_stream: not supported yet, ignored"], sample.Load().Warnings.Select(w => w.JsonPath.Split('.')[^1] + ": " + w.Message));
    }

    [Theory]
    [InlineData("max_request_line_size", "255")]
    [InlineData("max_request_line_size", "65537")]
    [InlineData("max_header_size", "1023")]
    [InlineData("max_header_size", "1048577")]
    [InlineData("max_header_count", "0")]
    [InlineData("max_header_count", "4097")]
    [InlineData("max_request_body_size", "-1")]
    [InlineData("max_buffered_body_size", "0")]
    [InlineData("max_buffered_body_size", "9999999999")]
    [InlineData("header_timeout", "\"0s\"")]
    [InlineData("body_timeout", "\"-1s\"")]
    [InlineData("min_header_rate", "-1")]
    [InlineData("min_body_rate", "\"fast\"")]
    [InlineData("min_rate_grace", "\"0s\"")]
    [InlineData("send_timeout", "60")]
    [InlineData("filter_timeout", "\"soon\"")]
    [InlineData("x_forwarded_for", "\"maybe\"")]
    [InlineData("generate_request_id", "\"yes\"")]
    public void A_limit_out_of_its_range_is_an_error(string key, string json)
        => Assert.StartsWith($"servers[0].listeners[0].filter_chains[0].filters[0].config.extend_config.{key}: found ",
            new Sample { Proxy = $$""", "extend_config": { "{{key}}": {{json}} }""" }.Error(), StringComparison.Ordinal);

    [Fact]
    public void A_request_line_cannot_be_longer_than_the_head_it_belongs_to()
        => Assert.Contains("which counts the request line too", new Sample { Proxy = """, "extend_config": { "max_header_size": 1024 }""" }.Error(), StringComparison.Ordinal);

    [Theory]
    [InlineData("downstream_protocol", "X", "is not supported yet")]
    [InlineData("downstream_protocol", "Http1,Http3", "wanted Http1, Http2, both with a comma between them, Auto, or the name of one codec")]
    [InlineData("upstream_protocol", "X", "is not supported yet")]
    public void Other_protocols_are_errors(string key, string value, string message)
    {
        string error = new Sample { Proxy = $$""", "{{key}}": "{{value}}" """ }.Error();
        Assert.StartsWith($"servers[0].listeners[0].filter_chains[0].filters[0].config.{key}: ", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_listener_that_is_not_bound_is_kept_with_a_warning()
    {
        LoadedConfiguration loaded = new Sample { Listener = """, "bind_port": false""" }.Load();
        Assert.False(loaded.Configuration.Server.Listeners[0].BindPort);
        Assert.Contains(loaded.Warnings, w => w.Message.Contains("not bound", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(""", "network": "udp" """, "udp is not supported yet")]
    [InlineData(""", "network": "quic" """, "wanted one of tcp, unix")]
    [InlineData(""", "default_read_buffer_size": 1048577""", "from 1 to 1048576")]
    [InlineData(""", "connection_idle_timeout": "-1s" """, "wanted a duration of zero or more")]
    [InlineData(""", "connection_idle_timeout": 1000""", "wanted a duration such as")]
    [InlineData(""", "stream_filters": [{}]""", "is missing and required")]
    [InlineData(""", "stream_filters": [{ "type": "a", "config": [] }]""", "found an array, wanted an object")]
    [InlineData(""", "access_logs": {}""", "found an object, wanted an array")]
    [InlineData(""", "address": "" """, "must not be empty")]
    [InlineData(""", "address": "host:80" """, "wanted ip:port")]
    [InlineData(""", "filter_chains": []""", "must hold a filter chain at least, holds none")]
    [InlineData(""", "filter_chains": [{}]""", "must hold a filter that takes the connections, of type \"proxy\" or \"tcp_proxy\"")]
    [InlineData(""", "filter_chains": [{ "filters": [{ "type": "tcp_proxy", "config": {} }] }]""", "neither cluster, weighted_clusters nor routes say where connections go")]
    [InlineData(""", "filter_chains": [{ "filters": [{ "type": "tcp_proxy" }] }]""", "is missing and required")]
    [InlineData(""", "filter_chains": [{ "filters": [{ "type": "tcp_proxy", "config": { "cluster": "nowhere" } }] }]""", "no cluster is named \"nowhere\"; there are: backend")]
    [InlineData(""", "filter_chains": [{ "filters": [{ "type": "tcp_proxy", "config": { "cluster": "backend", "max_connect_attempts": 101 } }] }]""", "from 1 to 100")]
    [InlineData(""", "filter_chains": [{ "filters": [{ "type": "tcp_proxy", "config": { "routes": [{ "cluster": "backend", "source_port": "70000" }] } }] }]""", "wanted ports from 1 to 65535")]
    [InlineData(""", "filter_chains": [{ "filters": [{ "type": "tcp_proxy", "config": { "routes": [{ "cluster": "backend", "source_addrs": ["10.0.0.0/33"] }] } }] }]""", "wanted an address or a range")]
    [InlineData(""", "filter_chains": [{ "match": { "server_names": ["a.*.b"] }, "filters": [{ "type": "tcp_proxy", "config": { "cluster": "backend" } }] }]""", "wanted a name, or *. and a name")]
    [InlineData(""", "filter_chains": [{ "match": { "source_type": 1 }, "filters": [{ "type": "tcp_proxy", "config": { "cluster": "backend" } }] }]""", "source_type: found the number 1, wanted a string")]
    [InlineData(""", "filter_chains": [{ "match": { "source_type": "NEAR" }, "filters": [{ "type": "tcp_proxy", "config": { "cluster": "backend" } }] }]""", "source_type: found the string \"NEAR\", wanted one of ANY, SAME_IP_OR_LOOPBACK, EXTERNAL")]
    [InlineData(""", "default_filter_chain": { "match": {}, "filters": [{ "type": "tcp_proxy", "config": { "cluster": "backend" } }] }""", "match: has no place in a default_filter_chain, which is for the connections that no other chain is for")]
    [InlineData(""", "filter_chains": [{ "match": "server_names", "filters": [{ "type": "tcp_proxy", "config": { "cluster": "backend" } }] }]""", "cannot be understood: position 13: wanted a colon")]
    [InlineData(""", "filter_chains": [{ "filters": [{ "type": "tcp_proxy", "config": { "cluster": "backend" } }, { "type": "tcp_proxy", "config": { "cluster": "backend" } }] }]""", "stands behind tcp_proxy, which ends a filter chain")]
    [InlineData(""", "filter_chains": [{ "filters": [{ "type": "proxy" }] }]""", "is missing and required")]
    public void A_wrong_listener_is_an_error(string json, string message)
        => Assert.Contains(message, new Sample { Listener = json }.Error(), StringComparison.Ordinal);

    [Fact]
    public void A_small_read_buffer_is_made_larger()
    {
        var sample = new Sample { Listener = """, "default_read_buffer_size": 128""" };
        Assert.Equal(4096, sample.OneListener().ReadBufferSize);
        Assert.EndsWith("128 is too small, taken as 4096", sample.Warning(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_read_buffer_that_no_loop_has_is_made_smaller()
    {
        var sample = new Sample { Listener = """, "default_read_buffer_size": 1048576""" };
        Assert.Equal(65536, sample.OneListener().ReadBufferSize);
        Assert.EndsWith("taken as 65536", sample.Warning(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1ns")]
    [InlineData("999us")]
    public void A_timeout_shorter_than_a_timer_can_tell_does_not_become_none(string timeout)
        => Assert.Equal(
            TimeSpan.FromMilliseconds(1),
            new Sample { Proxy = $", \"extend_config\": {{ \"filter_timeout\": \"{timeout}\" }}" }.OneListener().Proxy.Limits.FilterTimeout);

    [Fact]
    public void A_zero_idle_timeout_means_none()
        => Assert.Equal(TimeSpan.Zero, new Sample { Listener = """, "connection_idle_timeout": 0""" }.OneListener().ConnectionIdleTimeout);

    [Fact]
    public void A_timeout_longer_than_a_timer_can_wait_is_cut()
    {
        var sample = new Sample { Listener = """, "connection_idle_timeout": "8760h" """ };
        Assert.Equal(int.MaxValue, sample.OneListener().ConnectionIdleTimeout.TotalMilliseconds);
        Assert.Contains("24 days", sample.Warning(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_listener_without_a_name_is_named_by_its_address()
        => Assert.Equal("127.0.0.1:8080", new Sample { Listener = """, "name": "" """ }.OneListener().Name);

    [Fact]
    public void Names_and_addresses_of_listeners_are_unique()
    {
        const string second = """{ "name": "edge", "address": "127.0.0.1:8080", "bind_port": true, "filter_chains": [{ "filters": [{ "type": "proxy", "config": { "router_config_name": "main" } }] }] }""";
        string json = new Sample().ToString().Replace("\"routers\": [{\n      \"router_config_name\"", "\"x\": 0, \"routers\": [{ \"router_config_name\"", StringComparison.Ordinal)
            .Replace("\"listeners\": [{", $"\"listeners\": [{second}, {{", StringComparison.Ordinal);
        IReadOnlyList<ConfigurationProblem> problems = Assert.Throws<ConfigurationException>(() => Sample.Parse(json)).Problems;
        Assert.Equal(
            ["servers[0].listeners[1].name: servers[0].listeners[0] has the same name", "servers[0].listeners[1].address: servers[0].listeners[0] has the same address"],
            problems.Select(Sample.Line));
    }

    [Fact]
    public void A_router_that_a_listener_names_must_exist()
        => Assert.Equal("servers[0].listeners[0].filter_chains[0].filters[0].config.router_config_name: no router is named \"other\"; there are: main",
            new Sample { Proxy = """, "router_config_name": "other" """ }.Error());

    [Fact]
    public void A_connection_manager_brings_a_router_as_in_old_configurations_of_MOSN()
    {
        LoadedConfiguration loaded = new Sample
        {
            Listener = """
                , "filter_chains": [{ "filters": [
                  { "type": "proxy", "config": { "router_config_name": "old" } },
                  { "type": "connection_manager", "config": { "router_config_name": "old", "virtual_hosts": [
                    { "name": "v", "domains": ["*"], "routers": [{ "match": { "prefix": "/" }, "route": { "cluster_name": "backend" } }] }] } }] }]
                """,
        }.Load();
        Assert.Equal(["main", "old"], loaded.Configuration.Server.Routers.Select(r => r.Name));
    }

    [Theory]
    [InlineData("""{ "status": "true" }""")]
    [InlineData("""{ "status": 1 }""")]
    public void TLS_that_may_have_been_asked_for_is_an_error_and_never_plain_text(string context)
    {
        Assert.Contains("wanted true or false", new Sample { FilterChain = $", \"tls_context\": {context}" }.Error(), StringComparison.Ordinal);
        Assert.Contains("wanted true or false", new Sample { FilterChain = $", \"tls_context_set\": [{{}}, {context}]" }.Error(), StringComparison.Ordinal);
        Assert.Contains("wanted true or false", new Sample { Cluster = $", \"tls_context\": {context}" }.Error(), StringComparison.Ordinal);
    }

    [Fact]
    public void TLS_that_is_off_is_fine()
        => Assert.Empty(new Sample { FilterChain = """, "tls_context": { "status": false }, "tls_context_set": []""", Cluster = ", \"tls_context\": {}" }.Load().Warnings);

    [Fact]
    public void A_problem_that_a_filter_finds_in_its_config_points_into_the_file()
    {
        ListenerConfiguration listener = new Sample
        {
            Listener = ",\n\"stream_filters\": [\n{ \"type\": \"demo\",\n  \"config\": { \"rules\": [\n    { \"name\": 5 } ] } } ]",
        }.OneListener();
        StreamFilterConfiguration filter = Assert.Single(listener.StreamFilters);
        int line = filter.Position.Line;

        ConfigurationProblem problem = filter.ConfigProblem(new FilterConfigurationException("$.rules[0].name", "must be a string"));
        Assert.Equal($"/etc/outrider/sample.json:{line + 2}:15: servers[0].listeners[0].stream_filters[0].config.rules[0].name: must be a string", problem.ToString());

        problem = filter.ConfigProblem(new FilterConfigurationException("$.rules[0].missing", "is required"));
        Assert.Equal((line + 2, 5, "servers[0].listeners[0].stream_filters[0].config.rules[0].missing"), (problem.Line, problem.Column, problem.JsonPath));

        problem = filter.ConfigProblem(new FilterConfigurationException("is wrong"));
        Assert.Equal((line + 1, "servers[0].listeners[0].stream_filters[0].config"), (problem.Line, problem.JsonPath));

        problem = filter.TypeProblem("no stream filter is registered as \"demo\"");
        Assert.Equal((line, 11, "servers[0].listeners[0].stream_filters[0].type"), (problem.Line, problem.Column, problem.JsonPath));
    }
}
