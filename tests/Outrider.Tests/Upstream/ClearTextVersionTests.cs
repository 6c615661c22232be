using Outrider.Upstream;

namespace Outrider.Tests.Upstream;

/// <summary>What is remembered of a host that does not speak HTTP/2.</summary>
public sealed class ClearTextVersionTests
{
    [Fact]
    public void Nothing_is_known_of_a_host_at_first() => Assert.False(default(ClearTextVersion).IsHttp1(0));

    [Theory]
    [InlineData(true, ClearTextVersion.CertainTime)]
    [InlineData(false, ClearTextVersion.UncertainTime)]
    public void It_is_asked_again_after_a_while(bool isCertain, int time)
    {
        var version = default(ClearTextVersion);
        version.OnNotHttp2(1000, isCertain);

        Assert.True(version.IsHttp1(1000));
        Assert.True(version.IsHttp1(1000 + time - 1));
        Assert.False(version.IsHttp1(1000 + time));
    }

    [Fact]
    public void What_is_certain_is_not_forgotten_for_what_is_not()
    {
        var version = default(ClearTextVersion);
        version.OnNotHttp2(0, isCertain: true);
        version.OnNotHttp2(1, isCertain: false);

        Assert.True(version.IsHttp1(ClearTextVersion.CertainTime - 1));
    }
}
