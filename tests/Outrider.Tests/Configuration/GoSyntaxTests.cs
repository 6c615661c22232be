using System.Net;
using System.Net.Sockets;
using Outrider.Configuration.Binding;
using Outrider.Filters;

namespace Outrider.Tests.Configuration;

public class GoSyntaxTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    [InlineData("1s", 1000)]
    [InlineData("500ms", 500)]
    [InlineData("1h30m", 5400_000)]
    [InlineData("1.5s", 1500)]
    [InlineData("+.5s", 500)]
    [InlineData("1.s", 1000)]
    [InlineData("-2m", -120_000)]
    [InlineData("1m1m", 120_000)]
    [InlineData("2000us", 2)]
    [InlineData("2000µs", 2)]
    [InlineData("2000μs", 2)]
    [InlineData("3000000ns", 3)]
    public void Durations_read_as_in_Go(string text, double milliseconds)
    {
        Assert.True(GoDuration.TryParse(text, out TimeSpan duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("s")]
    [InlineData(".s")]
    [InlineData("1.2.3s")]
    [InlineData("1d")]
    [InlineData("1 s")]
    [InlineData("1S")]
    [InlineData("-")]
    [InlineData("--1s")]
    [InlineData("1s-1s")]
    [InlineData("١s")]
    [InlineData("9223372036854775808ns")]
    [InlineData("9999999h")]
    [InlineData("99999999999999999999999999999999999999999s")]
    public void What_Go_does_not_take_for_a_duration_is_none(string text) => Assert.False(GoDuration.TryParse(text, out _));

    [Fact]
    public void A_duration_too_short_for_a_tick_does_not_become_zero()
    {
        Assert.True(GoDuration.TryParse("1ns", out TimeSpan duration));
        Assert.Equal(TimeSpan.FromTicks(1), duration);
    }

    [Theory]
    [InlineData("^/user/\\d+$", "/user/12", true)]
    [InlineData("^/user/\\d+$", "/user/x", false)]
    [InlineData("user", "/a/user/b", true)]
    [InlineData("^/(?P<who>[^/]+)/\\(?P<$", "/bob/(P<", true)]
    public void Patterns_match_as_in_Go(string pattern, string text, bool expected)
        => Assert.Equal(expected, GoRegex.Compile(pattern, out _)!.IsMatch(text));

    [Theory]
    [InlineData("(", "Not enough )")]
    [InlineData("(?=a)", "linear time")]
    [InlineData("(a)\\1", "linear time")]
    [InlineData("[[:alpha:]]", "POSIX")]
    [InlineData("[a[:digit:]]", "POSIX")]
    public void A_pattern_that_cannot_be_used_says_why(string pattern, string reason)
    {
        Assert.Null(GoRegex.Compile(pattern, out string error));
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_that_is_too_large_is_an_error_and_does_not_take_the_process_with_it()
    {
        Assert.Null(GoRegex.Compile("((((a{1000}){1000}){1000}){1000})", out string error));
        Assert.NotEmpty(error);
        GoRegex.Compile(new string('(', 50_000) + new string(')', 50_000), out _);
    }

    [Theory]
    [InlineData("^/(\\w+)/(\\w+)", "/$2/${1}x", "/b/ax")]
    [InlineData("^/(\\w+)/(\\w+)", "/$2x/$1", "//a")]
    [InlineData("^/(\\w+)/(\\w+)", "/$9", "/")]
    [InlineData("^/(\\w+)/(\\w+)", "/$$1", "/$1")]
    [InlineData("^/(\\w+)/(\\w+)", "/$&", "/$&")]
    [InlineData("^/(\\w+)/(\\w+)", "$", "$")]
    [InlineData("^/(\\w+)/(\\w+)", "${1", "${1")]
    [InlineData("^/(\\w+)/(\\w+)", "[$0]", "[/a/b]")]
    [InlineData("^/(?P<first>\\w+)/(?P<rest>\\w+)", "/$rest/${first}", "/b/a")]
    [InlineData("^/(?P<first>\\w+)/(?P<rest>\\w+)", "/$none", "/")]
    public void Replacements_read_as_in_Go(string pattern, string replacement, string expected)
    {
        var regex = GoRegex.Compile(pattern, out _)!;
        Assert.Equal(expected, regex.Replace("/a/b", GoReplacement.Translate(regex, replacement)!));
    }

    [Fact]
    public void Numbers_for_groups_are_refused_when_the_pattern_names_groups()
        => Assert.Null(GoReplacement.Translate(GoRegex.Compile("(?P<a>x)(y)", out _)!, "$1"));

    [Theory]
    [InlineData("127.0.0.1:80", "127.0.0.1", 80)]
    [InlineData("[::1]:80", "::1", 80)]
    [InlineData("localhost:0", "127.0.0.1", 0)]
    [InlineData("0.0.0.0:65535", "0.0.0.0", 65535)]
    public void Addresses_to_listen_on_are_read(string text, string address, int port)
        => Assert.Equal(new IPEndPoint(IPAddress.Parse(address), port), EndPointText.Listen(text));

    [Fact]
    public void A_port_alone_means_every_interface()
        => Assert.Equal(new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, 8080), EndPointText.Listen(":8080"));

    [Theory]
    [InlineData("")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:http")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.0.0.1: 80")]
    [InlineData("1:80")]
    [InlineData("010.0.0.1:80")]
    [InlineData("::1:80")]
    [InlineData("[127.0.0.1]:80")]
    [InlineData("example.com:80")]
    public void Other_addresses_to_listen_on_are_refused(string text) => Assert.Null(EndPointText.Listen(text));

    [Fact]
    public void Addresses_to_connect_to_may_be_names_and_sockets()
    {
        Assert.Equal(new IPEndPoint(IPAddress.IPv6Loopback, 80), EndPointText.Connect("[::1]:80"));
        Assert.Equal(new DnsEndPoint("my_service.local", 80), EndPointText.Connect("my_service.local:80"));
        Assert.Equal("/run/a.sock", Assert.IsType<UnixDomainSocketEndPoint>(EndPointText.Connect("unix:/run/a.sock")).ToString());
        Assert.Equal("@a", Assert.IsType<UnixDomainSocketEndPoint>(EndPointText.Connect("unix:@a")).ToString());
    }

    [Theory]
    [InlineData("backend")]
    [InlineData("backend:0")]
    [InlineData(":80")]
    [InlineData("10.0.0.256:80")]
    [InlineData("a b:80")]
    [InlineData("unix:")]
    [InlineData("http://a:80")]
    public void Other_addresses_to_connect_to_are_refused(string text) => Assert.Null(EndPointText.Connect(text));

    [Fact]
    public void The_path_of_a_socket_has_107_bytes_at_most()
    {
        Assert.NotNull(EndPointText.Unix("/" + new string('a', 106)));
        Assert.Null(EndPointText.Unix("/" + new string('a', 107)));
        Assert.Null(EndPointText.Unix("/" + new string('é', 54)));
        Assert.Null(EndPointText.Unix("/a\0b"));
    }
}
