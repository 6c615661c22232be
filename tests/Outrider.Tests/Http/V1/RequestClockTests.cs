using Outrider.Http.Rules;
using Outrider.Http.V1.Server;

namespace Outrider.Tests.Http.V1;

/// <summary>How long heads and bodies of requests may take, to the millisecond.</summary>
public sealed class RequestClockTests
{
    private static readonly HttpLimits s_limits = new() { HeaderTimeout = 10_000, BodyTimeout = 60_000, MinHeaderRate = 100, MinBodyRate = 1000, MinRateGrace = 5000 };
    private static readonly HttpLimits s_anyPace = s_limits with { MinHeaderRate = 0, MinBodyRate = 0 };

    [Fact]
    public void A_head_has_its_time_from_the_first_byte_on_however_it_drips()
    {
        var clock = default(RequestClock);
        clock.Begin();
        Assert.Equal(10_000, clock.AwaitHead(1, 1000, s_anyPace));
        Assert.Equal(6000, clock.AwaitHead(1, 5000, s_anyPace));
        Assert.Equal(1, clock.AwaitHead(1, 20_000, s_anyPace));
        Assert.Same(ProtocolError.HeaderTimeout, clock.HeadError(11_000, s_anyPace));
    }

    [Fact]
    public void A_head_that_comes_too_slowly_is_told_from_one_that_takes_too_long()
    {
        var clock = default(RequestClock);
        clock.Begin();
        Assert.Equal(5000, clock.AwaitHead(1, 1000, s_limits));
        // 50 bytes are half a second at this rate.
        Assert.Equal(4500, clock.AwaitHead(50, 2000, s_limits));
        Assert.Same(ProtocolError.HeadTooSlow, clock.HeadError(6500, s_limits));
        Assert.Same(ProtocolError.HeaderTimeout, clock.HeadError(11_000, s_limits));
    }

    [Fact]
    public void The_next_head_has_a_time_of_its_own()
    {
        var clock = default(RequestClock);
        clock.Begin();
        _ = clock.AwaitHead(1, 1000, s_limits);
        clock.Begin();
        Assert.Equal(5000, clock.AwaitHead(1, 50_000, s_limits));
        Assert.Equal(10_000, clock.AwaitHead(0, 50_000, s_anyPace with { HeaderTimeout = 10_000 }) + 5000);
    }

    [Fact]
    public void While_the_client_is_not_waited_for_the_rate_does_not_count_and_the_heads_time_does()
    {
        var clock = default(RequestClock);
        clock.Begin();
        _ = clock.AwaitHead(1, 1000, s_limits);
        clock.Pause(2000);
        Assert.Same(ProtocolError.HeaderTimeout, clock.HeadError(9000, s_limits));
        Assert.Equal(3000, clock.ResumeHead(8000, s_limits));
        Assert.Same(ProtocolError.HeaderTimeout, clock.HeadError(11_000, s_limits));
    }

    [Fact]
    public void A_body_may_pause_for_its_timeout_where_any_pace_will_do()
    {
        var clock = default(RequestClock);
        clock.Begin();
        clock.BeginBody(1000, s_anyPace);
        Assert.Equal(60_000, clock.AwaitBody(1000, s_anyPace));
        clock.Arrived(1, 50_000);
        Assert.Equal(60_000, clock.AwaitBody(50_000, s_anyPace));
        Assert.Same(ProtocolError.BodyTimeout, clock.BodyError(110_000));
    }

    [Fact]
    public void A_body_that_comes_too_slowly_is_told_from_one_that_stops()
    {
        var clock = default(RequestClock);
        clock.Begin();
        clock.BeginBody(1000, s_limits);
        Assert.Equal(5000, clock.AwaitBody(1000, s_limits));
        clock.Arrived(1000, 3000);
        Assert.Equal(4000, clock.AwaitBody(3000, s_limits));
        Assert.Same(ProtocolError.BodyTimeout, clock.BodyError(6999));
        Assert.Same(ProtocolError.BodyTooSlow, clock.BodyError(7000));
    }

    [Fact]
    public void While_a_body_is_not_taken_its_clients_time_does_not_run()
    {
        var clock = default(RequestClock);
        clock.Begin();
        clock.BeginBody(1000, s_limits);
        clock.Pause(2000);
        Assert.Same(ProtocolError.BodyTimeout, clock.BodyError(100_000));
        Assert.Equal(4000, clock.AwaitBody(100_000, s_limits));
    }
}
