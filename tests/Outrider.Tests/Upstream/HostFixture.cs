using System.Net;
using Outrider.Configuration.Binding;
using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Upstream;
using Outrider.Upstream.Balancing;
using Outrider.Upstream.Hosts;

namespace Outrider.Tests.Upstream;

/// <summary>Hosts and clusters for tests.</summary>
internal static class HostFixture
{
    /// <summary>Hosts named a, b, c … with these weights.</summary>
    public static HostSet Hosts(params int[] weights)
        => new([.. weights.Select((weight, i) => new UpstreamHost(((char)('a' + i)).ToString(), $"10.0.0.{i}:80", new IPEndPoint(IPAddress.Loopback, 80), "", weight, 4))], 4);

    /// <summary>These hosts, with a picker of that name for them.</summary>
    public static PickedHosts Picked(string balancer, HostSet hosts) => PickedHosts.Of(hosts, BuiltInBalancers.Create(balancer)!, null);

    /// <summary>The next host of a request that tried those hosts.</summary>
    public static UpstreamHost? Next(this PickedHosts hosts, LoopRandom random, ref TriedHosts tried, int loop = 0, ulong? hash = null)
    {
        var context = new PickContext(loop, random.NextULong(), in tried) { Hash = hash };
        return hosts.Pick(ref context, ref tried);
    }

    public static HostConfiguration Address(string address, int weight = 1)
        => new() { Address = address, EndPoint = EndPointText.Connect(address)!, Weight = weight };

    public static ClusterConfiguration Cluster(string name, params string[] addresses)
        => new() { Name = name, Hosts = [.. addresses.Select(a => Address(a))] };

    public static string[] Addresses(Cluster cluster) => [.. cluster.Hosts.Hosts.ToArray().Select(h => h.Address)];
}
