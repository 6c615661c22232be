using Outrider.Proxy.Routing;
using static Outrider.Tests.Routing.RouterFixture;

namespace Outrider.Tests.Routing;

public class DomainTests
{
    [Theory]
    [InlineData("www.example.com", "exact")]
    [InlineData("WWW.Example.COM", "exact")]
    [InlineData("a.example.com", "wildcard")]
    [InlineData("A.EXAMPLE.com", "wildcard")]
    [InlineData("b.a.example.com", "longer wildcard")]
    [InlineData(".example.com", "default")]
    [InlineData("example.com", "default")]
    [InlineData("www.example.org", "default")]
    [InlineData("", "default")]
    public void An_exact_domain_goes_before_the_longest_wildcard_and_that_before_the_default(string authority, string expected)
    {
        RouterTable table = Hosts(string.Join(", ",
            Host("default", "*"), Host("wildcard", "*.example.com"), Host("longer wildcard", "*.a.example.com"), Host("exact", "www.example.com")));

        Assert.Equal(expected, VirtualHostOf(table, authority));
    }

    [Theory]
    [InlineData("example.com", "no port")]
    [InlineData("example.com:80", "port 80")]
    [InlineData("example.com:81", "any port")]
    [InlineData("a.example.com", "wildcard, any port")]
    [InlineData("a.example.com:90", "wildcard, port 90")]
    [InlineData("a.b.example.com:90", "wildcard, port 90")]
    [InlineData("a.b.example.com:91", "longer wildcard, any port")]
    [InlineData("[::1]:80", "v6")]
    [InlineData("[::1]", null)]
    public void The_port_of_a_domain_counts_before_the_length_of_a_wildcard(string authority, string? expected)
    {
        RouterTable table = Hosts(string.Join(", ",
            Host("no port", "example.com"), Host("port 80", "example.com:80"), Host("any port", "example.com:*"),
            Host("wildcard, any port", "*.example.com:*"), Host("wildcard, port 90", "*.example.com:90"),
            Host("longer wildcard, any port", "*.b.example.com:*"), Host("v6", "[::1]:80")));

        Assert.Equal(expected, VirtualHostOf(table, authority));
    }

    [Fact]
    public void A_domain_without_a_port_does_not_answer_for_requests_with_one()
        => Assert.Null(VirtualHostOf(Hosts(Host("h", "example.com")), "example.com:80"));

    [Fact]
    public void A_wildcard_is_any_suffix_and_its_star_stands_for_a_character_at_least()
    {
        RouterTable table = Hosts(Host("h", "*-foo.com"));

        Assert.Equal("h", VirtualHostOf(table, "x-foo.com"));
        Assert.Null(VirtualHostOf(table, "-foo.com"));
    }

    [Fact]
    public void With_nothing_but_a_default_every_authority_finds_it()
    {
        RouterTable table = Hosts(Host("h", "*"));

        Assert.Equal("h", VirtualHostOf(table, "anything:1"));
        Assert.Equal("h", VirtualHostOf(table, ""));
    }

    [Fact]
    public void Names_of_every_length_are_told_apart()
    {
        string[] names = [.. Enumerable.Range(1, 40).Select(n => new string('x', n) + ".com")];
        RouterTable table = Hosts(string.Join(", ", names.Select(name => Host(name, name))));

        Assert.All(names, name => Assert.Equal(name, VirtualHostOf(table, name.ToUpperInvariant())));
    }

    private static string? VirtualHostOf(RouterTable table, string authority)
        => table.Match(Request("/", authority))?.Info.VirtualHost;
}
