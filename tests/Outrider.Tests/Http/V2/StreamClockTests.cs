using Outrider.Http.Rules;
using Outrider.Http.V2.Server;

namespace Outrider.Tests.Http.V2;

/// <summary>What a stream has waited for its client for too long for, to the millisecond.</summary>
public sealed class StreamClockTests
{
    private static readonly HttpLimits s_limits = new() { BodyTimeout = 6000, SendTimeout = 7000, IdleTimeout = 9000, MinBodyRate = 100, MinRateGrace = 2000 };

    [Theory]
    [InlineData(StreamWaits.Rest, 1000, Overdue.Rest)]
    [InlineData(StreamWaits.Body, 6000, Overdue.Body)]
    [InlineData(StreamWaits.Output, 7000, Overdue.Output)]
    [InlineData(StreamWaits.Tunnel, 9000, Overdue.Tunnel)]
    // While it takes nothing of the answer, that is what it is given up for.
    [InlineData(StreamWaits.Body | StreamWaits.Output, 7000, Overdue.Output)]
    public void Each_thing_has_its_time_since_the_client_last_moved(object waits, int time, object overdue)
    {
        var clock = default(StreamClock);
        clock.Begin(100);
        clock.Moved(1000);
        Assert.Equal(Overdue.None, clock.Find((StreamWaits)waits, 1000 + time - 1, s_limits));
        Assert.Equal((Overdue)overdue, clock.Find((StreamWaits)waits, 1000 + time, s_limits));
    }

    [Fact]
    public void What_waits_for_nothing_is_never_overdue()
    {
        var clock = default(StreamClock);
        clock.Begin(0);
        clock.BeginBody(s_limits);
        Assert.Equal(Overdue.None, clock.Find(StreamWaits.None, long.MaxValue / 1_000_000, s_limits));
    }

    [Fact]
    public void A_tunnel_may_be_silent_for_ever_where_no_time_is_set()
    {
        var clock = default(StreamClock);
        clock.Begin(0);
        Assert.Equal(Overdue.None, clock.Find(StreamWaits.Tunnel, 1_000_000, s_limits with { IdleTimeout = 0 }));
    }

    [Fact]
    public void A_body_that_comes_too_slowly_is_overdue_however_often_something_comes()
    {
        var clock = default(StreamClock);
        clock.Begin(1000);
        clock.BeginBody(s_limits);
        clock.Arrived(10, 2000);
        // Ten bytes are a tenth of a second at this rate.
        Assert.Equal(Overdue.None, clock.Find(StreamWaits.Body, 3099, s_limits));
        Assert.Equal(Overdue.Rate, clock.Find(StreamWaits.Body, 3100, s_limits));
        Assert.Equal(Overdue.Rate, clock.Find(StreamWaits.Body | StreamWaits.Output, 3100, s_limits));
        Assert.Equal(Overdue.None, clock.Find(StreamWaits.Output, 3100, s_limits));
    }

    [Fact]
    public void While_a_body_is_not_taken_its_clients_time_does_not_run()
    {
        var clock = default(StreamClock);
        clock.Begin(1000);
        clock.BeginBody(s_limits);
        clock.Pause(2000);
        clock.Resume(50_000);
        Assert.Equal(Overdue.None, clock.Find(StreamWaits.Body, 50_999, s_limits));
        Assert.Equal(Overdue.Rate, clock.Find(StreamWaits.Body, 51_000, s_limits));
    }

    [Fact]
    public void The_next_stream_may_come_at_any_pace_until_it_is_said_otherwise()
    {
        var clock = default(StreamClock);
        clock.Begin(1000);
        clock.BeginBody(s_limits);
        clock.Begin(2000);
        Assert.Equal(Overdue.None, clock.Find(StreamWaits.Body, 7999, s_limits));
        Assert.Equal(Overdue.Body, clock.Find(StreamWaits.Body, 8000, s_limits));
    }
}
