using System.Net;
using System.Net.Sockets;
using System.Text;
using Outrider.Configuration;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Tests.Harness;
using Outrider.Upstream.Discovery;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Upstream;

/// <summary>Hosts that DNS servers name: their times, their families, and what they do wrong.</summary>
public sealed class DnsDiscoveryTests : IDisposable
{
    private const string Get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    private readonly FakeDnsServer _dns = new();

    public void Dispose() => _dns.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_name_is_all_its_addresses_of_both_families_and_holds_as_long_as_its_server_says(bool cuts)
    {
        _dns.Names["up.test"] = ["10.0.0.1", "10.0.0.2", "fd00::1"];
        _dns.Ttl = 77;
        _dns.Cuts = cuts;
        var answer = await Client().ResolveAsync("up.test", CancellationToken.None);
        Assert.Equal(["10.0.0.1", "10.0.0.2", "fd00::1"], answer.Addresses.Select(address => address.ToString()));
        Assert.Equal(TimeSpan.FromSeconds(77), answer.Lifetime);
    }

    [Theory]
    [InlineData(AddressFamily.InterNetwork, "10.0.0.1")]
    [InlineData(AddressFamily.InterNetworkV6, "fd00::1")]
    public async Task One_family_alone_can_be_wanted(AddressFamily family, string expected)
    {
        _dns.Names["up.test"] = ["10.0.0.1", "fd00::1"];
        var answer = await Client(family: family).ResolveAsync("UP.test.", CancellationToken.None);
        Assert.Equal(expected, Assert.Single(answer.Addresses).ToString());
        Assert.Equal(1, _dns.Asked);
    }

    [Fact]
    public async Task Short_names_are_tried_in_the_domains_of_the_search_list()
    {
        _dns.Names["up.svc.test"] = ["10.0.0.9"];
        var answer = await Client(search: ["none.test", "svc.test"]).ResolveAsync("up", CancellationToken.None);
        Assert.Equal("10.0.0.9", Assert.Single(answer.Addresses).ToString());
    }

    [Theory]
    [InlineData("none.test", "it has no address")]
    [InlineData("a..b", "no answer from")]
    public async Task What_has_no_address_says_so(string name, string message)
        => Assert.Contains(message, (await Assert.ThrowsAsync<IOException>(() => Client().ResolveAsync(name, CancellationToken.None))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Hosts_follow_the_answers_when_their_time_is_over_and_stay_when_there_is_none()
    {
        using var first = RawUpstream.Answering(Response("first"));
        _dns.Names["up.test"] = ["127.0.0.1", "127.0.0.2"];
        await using var proxy = await TestProxy.StartAsync(
            [$"up.test:{first.Port}"],
            cluster: $$""","type":"STRICT_DNS","respect_dns_ttl":true,"dns_refresh_rate":"1h","dns_resolvers":{"servers":["127.0.0.1"],"port":"{{_dns.Port}}","timeout":5,"attempts":1}""");
        string[] Addresses() => HostFixture.Addresses(proxy.Server.Clusters.Find("up")!);
        Assert.Equal([$"127.0.0.1:{first.Port}", $"127.0.0.2:{first.Port}"], Addresses());

        // Not after an hour, but after the second that the answer holds.
        _dns.Names["up.test"] = ["127.0.0.1"];
        await Eventually.HoldsAsync(() => Addresses().Length == 1);
        Assert.Equal("first", BodyOf(await proxy.SendAsync(Get)));

        _dns.IsDead = true;
        await Eventually.HoldsAsync(() => proxy.Log.Contains("up.test does not resolve", StringComparison.Ordinal));
        Assert.Equal([$"127.0.0.1:{first.Port}"], Addresses());
        Assert.Equal("first", BodyOf(await proxy.SendAsync(Get)));

        _dns.Names["up.test"] = ["127.0.0.1", "127.0.0.3"];
        _dns.IsDead = false;
        await Eventually.HoldsAsync(() => Addresses().Length == 2);
    }

    [Fact]
    public async Task A_rate_of_ones_own_is_kept_to()
    {
        _dns.Names["up.test"] = ["127.0.0.1"];
        _dns.Ttl = 3600;
        await using var proxy = await TestProxy.StartAsync(
            ["up.test:1"], cluster: $$""","type":"STRICT_DNS","dns_refresh_rate":"20ms","dns_lookup_family":"V4_ONLY","dns_resolvers":{"servers":["127.0.0.1"],"port":"{{_dns.Port}}"}""");
        await Eventually.HoldsAsync(() => Volatile.Read(ref _dns.Asked) > 5);
    }

    [Fact]
    public void An_answer_that_is_cut_anywhere_or_changed_is_no_answer_and_no_crash()
    {
        byte[] question = DnsMessage.Question(7, "up.test", DnsMessage.A)!;
        byte[] answer = [.. question, 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 10, 0, 0, 1];
        answer[2] = 0x81;
        answer[7] = 1;
        Assert.Equal("10.0.0.1", Assert.Single(DnsMessage.Read(answer, question, DnsMessage.A).Addresses).ToString());
        for (int length = question.Length; length < answer.Length; length++)
        {
            Assert.Throws<FormatException>(() => DnsMessage.Read(answer.AsSpan(0, length), question, DnsMessage.A));
        }

        var random = new Random(5);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] changed = [.. answer];
            changed[random.Next(2, changed.Length)] = (byte)random.Next(256);
            try
            {
                if (DnsMessage.Answers(changed, question))
                {
                    _ = DnsMessage.Read(changed, question, DnsMessage.A);
                }
            }
            catch (FormatException)
            {
                // Said in words.
            }
        }
    }

    [Theory]
    [InlineData("\"dns_lookup_family\":\"V5\"", "dns_lookup_family", "one of V4_ONLY, V6_ONLY, AUTO")]
    [InlineData("\"dns_refresh_rate\":5", "dns_refresh_rate", "a duration")]
    [InlineData("\"dns_resolver_port\":\"x\"", "dns_resolver_port", "a port from 1 to 65535")]
    [InlineData("\"dns_resolvers\":{\"servers\":[\"ns.test\"]}", "dns_resolvers.servers[0]", "an IP address")]
    [InlineData("\"dns_resolvers\":{\"ndots\":16}", "dns_resolvers.ndots", "from 0 to 15")]
    public void What_is_wrong_is_an_error_with_its_path(string cluster, string path, string message)
    {
        var problem = Assert.Single(Assert.Throws<ConfigurationException>(() => ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(
            $$"""{"servers":[{"listeners":[]}],"cluster_manager":{"clusters":[{"name":"up",{{cluster}},"hosts":[{"address":"127.0.0.1:1"}]}]} }"""), "test.json")).Problems);
        Assert.Equal("cluster_manager.clusters[0]." + path, problem.JsonPath);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    private DnsClient Client(AddressFamily? family = null, string[]? search = null) => new(new DnsConfiguration
    {
        Servers = [new IPEndPoint(IPAddress.Loopback, _dns.Port)],
        Family = family,
        Search = search ?? [],
    });
}
