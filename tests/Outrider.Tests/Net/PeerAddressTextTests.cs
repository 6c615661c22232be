using System.Net;
using System.Text;
using Outrider.Net.Addresses;

namespace Outrider.Tests.Net;

public sealed class PeerAddressTextTests
{
    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1:0")]
    [InlineData("10.0.0.1:80", "10.0.0.1:80")]
    [InlineData("255.255.255.255:65535", "255.255.255.255:65535")]
    [InlineData("::", "[::]:0")]
    [InlineData("::1", "[::1]:0")]
    [InlineData("2001:db8::1", "[2001:db8::1]:0")]
    [InlineData("2001:DB8:0:0:8:800:200C:417A", "[2001:db8::8:800:200c:417a]:0")]
    [InlineData("[2001:db8::1]", "[2001:db8::1]:0")]
    [InlineData("[2001:db8::1]:443", "[2001:db8::1]:443")]
    [InlineData("1::", "[1::]:0")]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1:0")]
    [InlineData("64:ff9b::10.0.0.1", "[64:ff9b::a00:1]:0")]
    public void An_address_is_read(string text, string expected)
    {
        Assert.True(PeerAddressText.TryParse(Encoding.ASCII.GetBytes(text), out var address));
        Assert.Equal(expected, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("unknown")]
    [InlineData("_hidden")]
    [InlineData("10.0.0")]
    [InlineData("10.0.0.1.2")]
    [InlineData("10.0.0.256")]
    [InlineData("10.0.0.01")]
    [InlineData("10.0.0.1 ")]
    [InlineData("10.0.0.1:")]
    [InlineData("10.0.0.1:65536")]
    [InlineData("10.0.0.1:-1")]
    [InlineData("1")]
    [InlineData("[::1")]
    [InlineData("[10.0.0.1]")]
    [InlineData("::1::")]
    [InlineData(":1::2")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1:2:3:4:5:6:7:8::")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("12345::")]
    [InlineData("g::")]
    [InlineData("::1%eth0")]
    public void Anything_else_is_not(string text) => Assert.False(PeerAddressText.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void It_reads_what_NET_writes()
    {
        var random = new Random(1);
        byte[] bytes = new byte[16];
        for (int i = 0; i < 10_000; i++)
        {
            random.NextBytes(bytes);
            bytes.AsSpan(random.Next(16), 1).Clear();
            int zeros = random.Next(14);
            bytes.AsSpan(zeros, random.Next(16 - zeros)).Clear();
            var expected = new IPAddress(i % 2 == 0 ? bytes : bytes.AsSpan(0, 4));
            Assert.True(PeerAddressText.TryParse(Encoding.ASCII.GetBytes(expected.ToString()), out var address), expected.ToString());
            Assert.Equal(expected.IsIPv4MappedToIPv6 ? expected.MapToIPv4() : expected, address.ToEndPoint().Address);
        }
    }
}
