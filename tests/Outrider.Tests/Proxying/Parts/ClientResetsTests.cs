using Outrider.Filters;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Proxy.Streams;

namespace Outrider.Tests.Proxying.Parts;

/// <summary>What logs say of a request whose client's side broke off.</summary>
public sealed class ClientResetsTests
{
    [Theory]
    [InlineData(ResetReason.SendTimeout, false, "took nothing", ResponseFlags.StreamIdleTimeout)]
    [InlineData(ResetReason.ReceiveTimeout, false, "sent nothing", ResponseFlags.StreamIdleTimeout)]
    [InlineData(ResetReason.ReceiveTimeout, true, "tunnel", ResponseFlags.StreamIdleTimeout)]
    [InlineData(ResetReason.Shutdown, false, "the proxy stopped", ResponseFlags.LocalReset)]
    public void Each_reason_has_words_and_a_flag(ResetReason reason, bool isTunnel, string words, ResponseFlags flags)
    {
        var (details, actual) = ClientResets.Of(reason, null, isTunnel);

        Assert.Contains(words, details, StringComparison.Ordinal);
        Assert.Equal(flags, actual);
    }

    [Fact]
    public void What_came_too_slowly_says_so()
    {
        var (details, flags) = ClientResets.Of(ResetReason.ReceiveTimeout, ProtocolError.BodyTooSlow, isTunnel: false);

        Assert.Equal(ProtocolError.BodyTooSlow.Message, details);
        Assert.Equal(ResponseFlags.MinimumRate, flags);
    }
}
