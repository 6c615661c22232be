using Outrider.Http.Rules;
using Outrider.Http.V2;
using Outrider.Http.V2.Connections;
using Outrider.Http.V2.Server;

namespace Outrider.Tests.Http.V2;

/// <summary>When a connection asks its peer whether it is there, and what a client's connection waits for.</summary>
public sealed class KeepaliveTests
{
    [Fact]
    public void A_silent_peer_is_asked_once_and_given_up_when_it_does_not_answer()
    {
        var keepalive = new Keepalive(now: 1000);

        Assert.Equal(KeepaliveStep.None, keepalive.Next(1099, 100, 30));
        Assert.Equal(1, keepalive.Delay(1099, 100, 30));
        Assert.Equal(KeepaliveStep.Ask, keepalive.Next(1100, 100, 30));
        Assert.Equal(30, keepalive.Delay(1100, 100, 30));
        Assert.Equal(KeepaliveStep.None, keepalive.Next(1129, 100, 30));
        Assert.Equal(KeepaliveStep.GiveUp, keepalive.Next(1130, 100, 30));
    }

    [Fact]
    public void Whatever_comes_is_an_answer()
    {
        var keepalive = new Keepalive(now: 0);
        Assert.Equal(KeepaliveStep.Ask, keepalive.Next(100, 100, 30));

        keepalive.OnHeard(120);

        Assert.Equal(100, keepalive.Delay(120, 100, 30));
        Assert.Equal(KeepaliveStep.None, keepalive.Next(219, 100, 30));
        Assert.Equal(KeepaliveStep.Ask, keepalive.Next(220, 100, 30));
    }

    [Fact]
    public void Without_an_interval_nobody_is_asked()
    {
        var keepalive = new Keepalive(now: 0);

        Assert.Equal(KeepaliveStep.None, keepalive.Next(long.MaxValue, 0, 30));
        Assert.Equal(long.MaxValue, keepalive.Delay(5, 0, 30));
    }

    [Fact]
    public void A_connection_looks_next_when_what_it_waits_for_is_due()
    {
        var limits = new HttpLimits { IdleTimeout = 5000, HeaderTimeout = 2000, BodyTimeout = 400, SendTimeout = 800, MinRateGrace = 8000 };
        var clock = new ServerClock(now: 10_000);
        var quiet = new Http2Limits();

        Assert.Equal(5000, clock.Delay(12_000, limits, quiet, isBusy: false, hasBegun: false));
        Assert.Equal(3000, clock.Delay(12_000, limits, quiet, isBusy: false, hasBegun: true));
        Assert.Equal(100, clock.Delay(12_000, limits, quiet, isBusy: true, hasBegun: true));
        Assert.Equal(50, clock.Delay(12_000, limits, quiet with { KeepaliveInterval = 2050 }, isBusy: true, hasBegun: true));
        Assert.Equal(long.MaxValue, clock.Delay(12_000, limits with { IdleTimeout = 0 }, quiet, isBusy: false, hasBegun: true));
        Assert.False(clock.RestsTooLong(14_999, limits));
        Assert.True(clock.RestsTooLong(15_000, limits));

        clock.OnRest(15_000);
        Assert.False(clock.RestsTooLong(15_000, limits));
        clock.OnWriting(15_000);
        Assert.False(clock.IsBlockedTooLong(15_799, limits));
        Assert.True(clock.IsBlockedTooLong(15_800, limits));
    }

    [Fact]
    public void A_head_has_its_time_from_its_first_bytes_to_its_last()
    {
        var limits = new HttpLimits { HeaderTimeout = 2000, MinHeaderRate = 0 };
        var clock = new ServerClock(now: 0);

        Assert.False(clock.OnRead(isWithinHead: false, 100, 0, limits));
        Assert.True(clock.OnRead(isWithinHead: true, 100, 50, limits));
        Assert.False(clock.OnRead(isWithinHead: true, 100, 1500, limits));
        Assert.Null(clock.FindHeadError(2049, limits));
        Assert.Equal(ProtocolError.HeaderTimeout, clock.FindHeadError(2050, limits));

        Assert.False(clock.OnRead(isWithinHead: false, 100, 2100, limits));
        Assert.Null(clock.FindHeadError(9000, limits));
    }
}
