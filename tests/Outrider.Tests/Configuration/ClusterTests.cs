using System.Net;
using Outrider.Configuration.Model;

namespace Outrider.Tests.Configuration;

public class ClusterTests
{
    [Fact]
    public void What_a_cluster_leaves_out_has_its_default()
    {
        ClusterConfiguration cluster = new Sample().OneCluster();
        Assert.Equal("backend", cluster.Name);
        Assert.Equal(ClusterType.Simple, cluster.Type);
        Assert.Equal("LB_ROUNDROBIN", cluster.LoadBalancer.Name);
        Assert.Equal(1024, cluster.MaxRequestsPerConnection);
        Assert.Equal(32768, cluster.ConnectionBufferLimit);
        Assert.Equal(TimeSpan.FromSeconds(3), cluster.ConnectTimeout);
        Assert.Equal(TimeSpan.FromSeconds(60), cluster.IdleTimeout);
        HostConfiguration host = Assert.Single(cluster.Hosts);
        Assert.Equal(("127.0.0.1:9000", "", 1), (host.Address, host.Hostname, host.Weight));
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 9000), host.EndPoint);
    }

    [Fact]
    public void Every_field_of_a_cluster_is_read()
    {
        ClusterConfiguration cluster = new Sample
        {
            Cluster = """, "type": "STRICT_DNS", "lb_type": "LB_LEAST_REQUEST", "max_request_per_conn": 0, "conn_buffer_limit_bytes": 1024, "connect_timeout": "1s", "idle_timeout": "2s" """,
            Hosts = """{ "address": "svc.local:80", "hostname": "svc", "weight": 128 }, { "address": "unix:/run/a.sock" }""",
        }.OneCluster();
        Assert.Equal((ClusterType.StrictDns, "LB_LEAST_REQUEST", 0, 1024), (cluster.Type, cluster.LoadBalancer.Name, cluster.MaxRequestsPerConnection, cluster.ConnectionBufferLimit));
        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)), (cluster.ConnectTimeout, cluster.IdleTimeout));
        Assert.Equal((new DnsEndPoint("svc.local", 80), "svc", 128), (cluster.Hosts[0].EndPoint, cluster.Hosts[0].Hostname, cluster.Hosts[0].Weight));
        Assert.Equal("unix:/run/a.sock", cluster.Hosts[1].Address);
    }

    [Theory]
    [InlineData("SIMPLE", nameof(ClusterType.Simple))]
    [InlineData("STATIC", nameof(ClusterType.Static))]
    [InlineData("DYNAMIC", nameof(ClusterType.Dynamic))]
    [InlineData("", nameof(ClusterType.Simple))]
    public void Types_are_read(string text, string type) => Assert.Equal(type, new Sample { Cluster = $", \"type\": \"{text}\"" }.OneCluster().Type.ToString());

    [Theory]
    [InlineData("LB_RANDOM", "LB_RANDOM")]
    [InlineData("LB_OF_MY_OWN", "LB_OF_MY_OWN")]
    [InlineData("", "LB_ROUNDROBIN")]
    public void Load_balancers_are_read(string text, string type) => Assert.Equal(type, new Sample { Cluster = $", \"lb_type\": \"{text}\"" }.OneCluster().LoadBalancer.Name);

    [Theory]
    [InlineData("\"type\": \"EDS\"", "type: \"EDS\" is not supported yet, wanted one of SIMPLE, STATIC, DYNAMIC, STRICT_DNS, ORIGINAL_DST")]
    [InlineData("\"lb_type\": \"LB_ORIGINAL_DST\"", "lb_type: LB_ORIGINAL_DST is for clusters of the type ORIGINAL_DST")]
    [InlineData("\"type\": \"ORIGINAL_DST\"", "hosts: has no place in a cluster of the type ORIGINAL_DST: each connection goes where it was to go")]
    [InlineData("\"type\": \"ODD\"", "type: found the string \"ODD\", wanted one of SIMPLE, STATIC, DYNAMIC, STRICT_DNS, ORIGINAL_DST")]
    [InlineData("\"lb_type\": 1", "lb_type: found the number 1, wanted a string")]
    [InlineData("\"lb_type\": \"LB_OF_MY_OWN\", \"lbconfig\": 1", "lbconfig: found the number 1, wanted an object")]
    [InlineData("\"max_request_per_conn\": -1", "max_request_per_conn: found the number -1, wanted a whole number of 0 or more")]
    [InlineData("\"max_request_per_conn\": 1e3", "max_request_per_conn: found the number 1e3, wanted a whole number of 0 or more")]
    [InlineData("\"conn_buffer_limit_bytes\": 1023", "conn_buffer_limit_bytes: found the number 1023, wanted a whole number of 1024 or more")]
    [InlineData("\"connect_timeout\": true", "connect_timeout: found true, wanted a duration such as \"1s\", \"500ms\" or \"1h30m\"")]
    [InlineData("\"hosts\": [{}]", "hosts[0].address: is missing and required")]
    [InlineData("\"hosts\": [{ \"address\": \"nowhere\" }]", "hosts[0].address: found the string \"nowhere\", wanted ip:port, [ipv6]:port, name:port (the port from 1 to 65535) or unix:/path")]
    [InlineData("\"hosts\": [{ \"address\": \"a:1\", \"weight\": -1 }]", "hosts[0].weight: found the number -1, wanted a whole number of 1 or more")]
    [InlineData("\"hosts\": [null]", "hosts[0]: found null, wanted an object")]
    public void A_wrong_cluster_is_an_error(string json, string error)
        => Assert.Equal("cluster_manager.clusters[0]." + error, new Sample { Cluster = ", " + json }.Error());

    [Fact]
    public void Clusters_have_unique_names()
        => Assert.Equal("cluster_manager.clusters[1].name: another cluster is named \"backend\"", new Sample { Clusters = """, { "name": "backend", "hosts": [{ "address": "a:1" }] }""" }.Error());

    [Fact]
    public void A_cluster_has_a_name()
        => Assert.Equal("cluster_manager.clusters[1].name: is missing and required", new Sample { Clusters = ", {}" }.Error());

    [Fact]
    public void A_route_to_a_broken_cluster_is_not_blamed()
        => Assert.Equal("cluster_manager.clusters[0].lb_type", Assert.Single(new Sample { Cluster = ", \"lb_type\": 5" }.Errors()).JsonPath);

    [Fact]
    public void A_cluster_without_hosts_is_worth_a_warning()
    {
        Assert.Contains("503", new Sample { Hosts = "" }.Warning(), StringComparison.Ordinal);
        Assert.Empty(new Sample { Hosts = "" }.OneCluster().Hosts);
    }

    [Fact]
    public void A_weight_is_bent_into_its_range_as_in_MOSN()
    {
        var sample = new Sample { Hosts = """{ "address": "a:1", "weight": 500 }, { "address": "b:1", "weight": 0 }""" };
        Assert.Equal([128, 1], sample.OneCluster().Hosts.Select(h => h.Weight));
        Assert.Contains("taken as 128", sample.Warning(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_stands_once_in_a_cluster()
    {
        var sample = new Sample { Hosts = """{ "address": "a:1" }, { "address": "A:1" }""" };
        Assert.Single(sample.OneCluster().Hosts);
        Assert.Equal("cluster_manager.clusters[0].hosts[1].address", Assert.Single(sample.Load().Warnings).JsonPath);
    }

    [Fact]
    public void Clusters_may_stand_in_a_directory_of_files()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("backend.json", """{ "name": "backend", "hosts": [{ "address": "a:1" }] }""");
        string json = new Sample().ToString();
        json = json[..json.IndexOf("\"cluster_manager\"", StringComparison.Ordinal)] + $$""" "cluster_manager": { "clusters_configs": "{{directory.Path}}" } }""";
        Assert.Equal("a:1", Assert.Single(Assert.Single(Sample.Parse(json).Configuration.Clusters).Hosts).Address);
    }
}
