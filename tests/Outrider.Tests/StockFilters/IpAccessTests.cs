using System.Net;
using System.Text;
using Outrider.StockFilters.Matching;
using static Outrider.Tests.Filters.FilterExchange;
using static Outrider.Tests.StockFilters.StockExchange;

namespace Outrider.Tests.StockFilters;

/// <summary>The filter <c>ip_access</c>.</summary>
public sealed class IpAccessTests
{
    [Theory]
    [InlineData("""{"ips":[{"action":"deny","addrs":["127.0.0.1"]}]}""", "", 403)]
    [InlineData("""{"ips":[{"action":"deny","addrs":["127.0.0.0/8"]}]}""", "", 403)]
    [InlineData("""{"ips":[{"action":"deny","addrs":["10.0.0.0/8","fd00::/8"]}]}""", "", 200)]
    [InlineData("""{"default_action":"deny","ips":[{"action":"allow","addrs":["127.0.0.1/32"]}]}""", "", 200)]
    [InlineData("""{"default_action":"deny","ips":[{"addrs":["10.0.0.1"]}]}""", "", 403)]
    [InlineData("""{"default_action":"deny"}""", "", 403)]
    [InlineData("{}", "", 200)]
    [InlineData("""{"ips":[{"action":"allow","addrs":["127.0.0.1"]},{"action":"deny","addrs":["127.0.0.0/8"]}]}""", "", 200)]
    [InlineData("""{"header":"x-real-ip","ips":[{"action":"deny","addrs":["10.1.2.3"]}]}""", "x-real-ip: 10.1.2.3\r\n", 403)]
    [InlineData("""{"header":"x-real-ip","ips":[{"action":"deny","addrs":["10.1.2.3"]}]}""", "x-real-ip: 10.1.2.3:4711\r\n", 403)]
    [InlineData("""{"header":"x-real-ip","ips":[{"action":"deny","addrs":["fd00::1"]}]}""", "x-real-ip: [fd00::1]:80\r\n", 403)]
    [InlineData("""{"header":"x-real-ip","ips":[{"action":"deny","addrs":["127.0.0.1"]}]}""", "x-real-ip: 10.1.2.3\r\n", 200)]
    [InlineData("""{"header":"x-real-ip","ips":[{"action":"deny","addrs":["127.0.0.1"]}]}""", "", 403)]
    [InlineData("""{"header":"x-real-ip","default_action":"deny","ips":[{"addrs":["127.0.0.1"]}]}""", "x-real-ip: nonsense\r\n", 403)]
    [InlineData("""{"header":"x-list","ips":[{"action":"deny","addrs":["10.0.0.9"]}]}""", "x-list: 10.0.0.1, 10.0.0.9\r\n", 403)]
    [InlineData("""{"header":"x-list","ips":[{"action":"deny","addrs":["10.0.0.9"]}]}""", "x-list: 10.0.0.1\r\nx-list: 10.0.0.9\r\n", 403)]
    [InlineData("""{"header":"x-list","trusted_hops":1,"ips":[{"action":"deny","addrs":["10.0.0.9"]}]}""", "x-list: 10.0.0.9, 10.0.0.1\r\n", 403)]
    public async Task The_first_list_that_names_the_client_decides(string config, string fields, int status)
        => Assert.Equal(status, StatusOf(await MirroredAsync("ip_access", config, GetWith(fields))));

    [Theory]
    [InlineData("""{"default_action":"denied"}""", "$.default_action")]
    [InlineData("""{"ips":[{"action":"Deny","addrs":["10.0.0.1"]}]}""", "$.ips[0].action")]
    [InlineData("""{"ips":[{"action":"deny"}]}""", "$.ips[0].addrs")]
    [InlineData("""{"ips":[{"action":"deny","addrs":["10.0.0.0/33"]}]}""", "$.ips[0].addrs[0]")]
    [InlineData("""{"ips":[{"action":"deny","addrs":["10.0.0.1","10.1"]}]}""", "$.ips[0].addrs[1]")]
    [InlineData("""{"header":"a b"}""", "$.header")]
    [InlineData("""{"trusted_hops":-1}""", "$.trusted_hops")]
    [InlineData("""{"allow":[]}""", "$.allow")]
    public void What_is_wrong_is_an_error_with_its_path(string config, string path) => Assert.Equal(path, Refusal("ip_access", config).Path);

    [Theory]
    [InlineData("10.1.2.3", "10.0.0.0/8", true)]
    [InlineData("11.0.0.0", "10.0.0.0/8", false)]
    [InlineData("10.1.2.3", "10.9.9.9/8", true)]
    [InlineData("::ffff:10.1.2.3", "10.1.2.3", true)]
    [InlineData("fd12::1", "fd00::/8", true)]
    [InlineData("fe80::1", "fd00::/8", false)]
    [InlineData("203.0.113.77", "0.0.0.0/0", true)]
    public void A_set_has_addresses_and_networks(string address, string set, bool has) => Assert.Equal(has, new AddressSet("$", [set]).Contains(IPAddress.Parse(address)));

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1")]
    [InlineData(" 10.0.0.1:80 ", "10.0.0.1")]
    [InlineData("fd00::1", "fd00::1")]
    [InlineData("[fd00::1]", "fd00::1")]
    [InlineData("[fd00::1]:443", "fd00::1")]
    [InlineData("1", null)]
    [InlineData("0x7f.1", null)]
    [InlineData("unknown", null)]
    [InlineData("", null)]
    public void An_address_is_read_with_its_port_or_without(string text, string? address)
        => Assert.Equal(address, AddressSet.TryRead(Encoding.Latin1.GetBytes(text), out var read) ? read.ToString() : null);
}
