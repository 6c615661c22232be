using System.Net;
using System.Net.Sockets;
using System.Text;
using Outrider.Net.Addresses;

namespace Outrider.Tests.Net;

public sealed class PeerAddressTests
{
    [Theory]
    [InlineData("127.0.0.1", 80, "127.0.0.1:80")]
    [InlineData("0.0.0.0", 0, "0.0.0.0:0")]
    [InlineData("255.255.255.255", 65535, "255.255.255.255:65535")]
    [InlineData("10.0.20.3", 8080, "10.0.20.3:8080")]
    [InlineData("::1", 80, "[::1]:80")]
    [InlineData("::", 80, "[::]:80")]
    [InlineData("2001:db8::1", 443, "[2001:db8::1]:443")]
    [InlineData("2001:db8:1111:2222:3333:4444:5555:6666", 443, "[2001:db8:1111:2222:3333:4444:5555:6666]:443")]
    public void An_address_is_written_as_everybody_writes_it(string ip, int port, string text)
    {
        var peer = RoundTrip(new IPEndPoint(IPAddress.Parse(ip), port));

        Assert.Equal(text, peer.ToString());
        Assert.Equal(ip, Format(peer));
        Assert.Equal(new IPEndPoint(IPAddress.Parse(ip), port), peer.ToEndPoint());
        Assert.Equal(port, peer.Port);
        Assert.True(peer is { IsKnown: true, IsUnix: false });
    }

    [Fact]
    public void An_IPv4_client_of_an_IPv6_socket_is_an_IPv4_client()
    {
        var peer = RoundTrip(new IPEndPoint(IPAddress.Parse("::ffff:192.0.2.7"), 9));

        Assert.Equal("192.0.2.7", Format(peer));
        Assert.Equal("192.0.2.7:9", peer.ToString());
    }

    [Fact]
    public void A_Unix_socket_has_no_address_and_nothing_is_a_dash()
    {
        var unix = RoundTrip(new UnixDomainSocketEndPoint("/tmp/x"));

        Assert.True(unix is { IsUnix: true, IsKnown: true, Port: 0 });
        Assert.Equal("unix", Format(unix));
        Assert.Equal("unix", unix.ToString());
        Assert.Equal("-", Format(default));
        Assert.Equal("-", default(PeerAddress).ToString());
        Assert.Throws<InvalidOperationException>(() => unix.ToEndPoint());
        Assert.Throws<InvalidOperationException>(() => default(PeerAddress).ToEndPoint());
    }

    [Fact]
    public void Equal_is_what_has_the_same_address_and_port()
    {
        var a = RoundTrip(new IPEndPoint(IPAddress.Loopback, 1));

        Assert.Equal(a, RoundTrip(new IPEndPoint(IPAddress.Loopback, 1)));
        Assert.Equal(a.GetHashCode(), RoundTrip(new IPEndPoint(IPAddress.Loopback, 1)).GetHashCode());
        Assert.NotEqual(a, RoundTrip(new IPEndPoint(IPAddress.Loopback, 2)));
        Assert.NotEqual(a, RoundTrip(new IPEndPoint(IPAddress.Any, 1)));
        Assert.NotEqual(a, default);
    }

    [Fact]
    public void A_path_that_is_too_long_for_the_kernel_is_refused()
    {
        var native = new byte[128];
        Assert.Throws<ArgumentException>(() => PeerAddress.ToNative(new DnsEndPoint("a", 1), native));
        Assert.Equal(2 + 107 + 1, PeerAddress.ToNative(new UnixDomainSocketEndPoint("/" + new string('x', 106)), native));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void An_address_that_the_kernel_did_not_fill_in_is_unknown(int length)
    {
        var native = new byte[128];
        _ = PeerAddress.ToNative(new IPEndPoint(IPAddress.Loopback, 1), native);

        Assert.False(PeerAddress.FromNative(native.AsSpan(0, length)).IsKnown);
    }

    private static PeerAddress RoundTrip(EndPoint endPoint)
    {
        var native = new byte[128];
        int length = PeerAddress.ToNative(endPoint, native);
        return PeerAddress.FromNative(native.AsSpan(0, length));
    }

    private static string Format(PeerAddress peer)
    {
        Span<byte> text = stackalloc byte[PeerAddress.MaxAddressLength];
        return Encoding.ASCII.GetString(text[..peer.FormatAddress(text)]);
    }
}
