using Outrider.Configuration;
using Outrider.Configuration.Problems;

namespace Outrider.Tests.Configuration;

public class KeyTests
{
    [Fact]
    public void Keys_are_compared_without_case_as_in_Go()
    {
        const string json = """
            { "SERVERS": [{ "Listeners": [{ "Name": "a", "ADDRESS": "127.0.0.1:1", "Bind_Port": true, "Filter_Chains": [{ "FILTERS": [
              { "Type": "proxy", "Config": { "Router_Config_Name": "main", "Extend_Config": { "MAX_HEADER_COUNT": 9 } } }] }] }],
              "Routers": [{ "ROUTER_CONFIG_NAME": "main", "Virtual_Hosts": [{ "Domains": ["*"], "Routers": [{ "Match": { "Prefix": "/" }, "Route": { "Cluster_Name": "c" } }] }] }] }],
              "Cluster_Manager": { "Clusters": [{ "Name": "c", "Hosts": [{ "Address": "a:1" }] }] } }
            """;
        LoadedConfiguration loaded = Sample.Parse(json);
        Assert.Empty(loaded.Warnings);
        Assert.Equal(9, loaded.Configuration.Server.Listeners[0].Proxy.Limits.MaxHeaderCount);
    }

    [Fact]
    public void A_repeated_key_counts_with_its_last_value_and_is_worth_a_warning()
    {
        LoadedConfiguration loaded = new Sample { Cluster = ", \"MAX_request_per_conn\": 5, \"max_request_per_conn\": 7" }.Load();
        Assert.Equal(7, loaded.Configuration.Clusters[0].MaxRequestsPerConnection);
        Assert.Equal("cluster_manager.clusters[0].max_request_per_conn: this key stands here twice; its last value counts", Sample.Line(Assert.Single(loaded.Warnings)));
    }

    [Fact]
    public void Null_is_as_good_as_absent()
    {
        LoadedConfiguration loaded = new Sample
        {
            Root = ", \"admin\": null, \"extensions\": null, \"pid\": null, \"metrics\": null",
            Server = ", \"graceful_timeout\": null, \"default_log_level\": null",
            Listener = ", \"stream_filters\": null, \"connection_idle_timeout\": null, \"network\": null",
            Proxy = ", \"extend_config\": null",
            Cluster = ", \"lb_type\": null, \"max_request_per_conn\": null",
        }.Load();
        Assert.Empty(loaded.Warnings);
        Assert.Equal(TimeSpan.FromSeconds(90), loaded.Configuration.Server.Listeners[0].ConnectionIdleTimeout);
    }

    [Fact]
    public void A_null_that_repeats_a_key_takes_its_value_away()
        => Assert.Equal(1024, new Sample { Cluster = ", \"max_request_per_conn\": 5, \"max_request_per_conn\": null" }.OneCluster().MaxRequestsPerConnection);

    public static TheoryData<string> Places => ["Root", "Server", "Listener", "FilterChain", "Proxy", "Router", "VirtualHost", "Cluster"];

    [Theory]
    [MemberData(nameof(Places))]
    public void An_unknown_key_is_worth_a_warning_everywhere(string place)
    {
        ConfigurationProblem warning = Assert.Single(With(place, ", \"surprise\": { \"deep\": 1 }").Load().Warnings);
        Assert.EndsWith("surprise", warning.JsonPath, StringComparison.Ordinal);
        Assert.Equal("unknown key", warning.Message);
    }

    [Theory]
    [InlineData("Root", "uds_dir", "\"a\"")]
    [InlineData("Cluster", "mark", "5")]
    public void A_key_that_MOSN_knows_and_we_do_not_is_told_apart(string place, string key, string json)
    {
        ConfigurationProblem warning = Assert.Single(With(place, $", \"{key}\": {json}").Load().Warnings);
        Assert.EndsWith(key, warning.JsonPath, StringComparison.Ordinal);
        Assert.Equal("not supported yet, ignored", warning.Message);
    }

    [Theory]
    [InlineData("Root", "metrics", "{}")]
    [InlineData("Root", "disable_upgrade", "false")]
    [InlineData("Root", "tracing", "null")]
    [InlineData("Cluster", "health_check", "{ \"timeout\": \"0s\", \"interval\": \"0s\", \"x\": { \"y\": 0 } }")]
    [InlineData("Cluster", "circuit_breakers", "[]")]
    public void An_unsupported_key_that_says_nothing_goes_without_a_word(string place, string key, string json)
        => Assert.Empty(With(place, $", \"{key}\": {json}").Load().Warnings);

    [Fact]
    public void Warnings_come_in_the_order_of_the_file()
    {
        IReadOnlyList<ConfigurationProblem> warnings = new Sample { Root = ",\n\"z\": 1", Server = ",\n\"y\": 1", Listener = ",\n\"x\": 1", Cluster = ",\n\"w\": 1" }.Load().Warnings;
        Assert.Equal(["servers[0].listeners[0].x", "servers[0].y", "cluster_manager.clusters[0].w", "z"], warnings.Select(w => w.JsonPath));
        Assert.Equal(warnings.OrderBy(w => w.Line), warnings);
    }

    private static Sample With(string place, string json) => place switch
    {
        "Root" => new Sample { Root = json },
        "Server" => new Sample { Server = json },
        "Listener" => new Sample { Listener = json },
        "FilterChain" => new Sample { FilterChain = json },
        "Proxy" => new Sample { Proxy = json },
        "Router" => new Sample { Router = json },
        "VirtualHost" => new Sample { VirtualHost = json },
        _ => new Sample { Cluster = json },
    };
}
