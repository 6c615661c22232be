using System.Net;
using System.Text;
using Outrider.Net.Addresses;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Net;

public sealed class Ip6TextTests
{
    [Theory]
    [InlineData("::", "::")]
    [InlineData("::1", "::1")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1")]
    [InlineData("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1")]
    [InlineData("1:0:0:2:0:0:0:3", "1:0:0:2::3")]
    [InlineData("fe80::", "fe80::")]
    [InlineData("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8")]
    [InlineData("0:0:1:0:0:0:0:0", "0:0:1::")]
    public void It_is_written_as_RFC_5952_says(string address, string text) => Assert.Equal(text, Format(IPAddress.Parse(address)));

    [Fact]
    public void Whatever_the_address_is_it_can_be_read_back()
    {
        var random = new Random(5952);
        byte[] bytes = new byte[16];
        for (int i = 0; i < 20_000; i++)
        {
            random.NextBytes(bytes);
            for (int group = 0; group < 8; group++)
            {
                if (random.Next(2) == 0)
                {
                    bytes[2 * group] = bytes[2 * group + 1] = 0;
                }
            }

            var address = new IPAddress(bytes);
            Assert.Equal(address, IPAddress.Parse(Format(address)));
        }
    }

    [Fact]
    public void Writing_a_clients_address_allocates_nothing()
    {
        Span<byte> native = stackalloc byte[128];
        int length = PeerAddress.ToNative(new IPEndPoint(IPAddress.Parse("2001:db8::17"), 443), native);
        var peer = PeerAddress.FromNative(native[..length]);
        byte[] text = new byte[PeerAddress.MaxAddressLength];
        int written = 0;
        Allocation.AssertNone(() => written = peer.FormatAddress(text));
        Assert.Equal("2001:db8::17", Encoding.ASCII.GetString(text, 0, written));
    }

    private static string Format(IPAddress address)
    {
        Span<byte> text = stackalloc byte[PeerAddress.MaxAddressLength];
        return Encoding.ASCII.GetString(text[..Ip6Text.Format(address.GetAddressBytes(), text)]);
    }
}
