using Outrider.Http.Messages;
using Outrider.Proxy.Streams.Exchanges;

namespace Outrider.Tests.Proxying.Parts;

/// <summary>A request's body is held to the length that its head announces.</summary>
public sealed class DeclaredLengthTests
{
    [Fact]
    public void A_body_as_long_as_announced_goes_out()
    {
        var length = Begin(5);

        Assert.True(length.Add(2, isLast: false));
        Assert.True(length.Add(3, isLast: false));
        Assert.True(length.Add(0, isLast: true));
    }

    [Theory]
    [InlineData(6, false, "more")]
    [InlineData(4, true, "fewer")]
    public void Another_length_is_refused(int sent, bool isLast, string word)
    {
        var length = Begin(5);

        Assert.False(length.Add(sent, isLast));
        Assert.Contains($"says 5 bytes, a filter made them {word}", length.Failure().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_nothing_is_announced_any_length_will_do()
    {
        var length = default(DeclaredLength);
        length.Begin(new RequestHead { Framing = BodyFraming.Chunked, ContentLength = -1 });

        Assert.True(length.Add(1000, isLast: false));
        Assert.True(length.Add(0, isLast: true));
    }

    private static DeclaredLength Begin(long announced)
    {
        var length = default(DeclaredLength);
        length.Begin(new RequestHead { Framing = BodyFraming.Length, ContentLength = announced });
        return length;
    }
}
