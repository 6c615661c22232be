using Outrider.Http.V2;
using Outrider.Http.V2.Server;

namespace Outrider.Tests.Http.V2;

/// <summary>How much of what brings nobody forward a connection may send: counted, and filled up by honest work and time.</summary>
public sealed class FloodGuardTests
{
    private const int Frames = 1000;
    private const int Resets = 200;

    [Fact]
    public void So_many_frames_about_nothing_are_taken_and_not_one_more()
    {
        var guard = new FloodGuard(0);
        Spend(ref guard, Frames);
        AssertOver(ref guard, 999);

        // A hundred for each second.
        Spend(ref guard, 100, 1000);
        AssertOver(ref guard, 1999);
    }

    [Fact]
    public void So_many_streams_may_be_given_up_and_not_one_more()
    {
        var guard = new FloodGuard(0);
        for (int i = 0; i < Resets; i++)
        {
            guard.OnReset(0);
        }

        Assert.Equal(Http2Error.EnhanceYourCalm, Assert.Throws<Http2Exception>(() => guard.OnReset(999)).Code);
        guard = new FloodGuard(0);
        for (int i = 0; i < 10 * Resets; i++)
        {
            // Each is made up for by one that is served.
            guard.OnReset(0);
            guard.OnServed();
        }
    }

    [Fact]
    public void Honest_work_fills_up_what_it_needs_and_no_more_than_there_was()
    {
        var guard = new FloodGuard(0);
        for (int i = 0; i < Frames; i++)
        {
            guard.OnStream();
            Spend(ref guard, 4);
            guard.OnDataSent(16_384, shut: false);
            Spend(ref guard, 4);
        }

        for (int i = 0; i < 10; i++)
        {
            guard.OnStream();
        }

        Spend(ref guard, Frames);
        AssertOver(ref guard, 0);
    }

    [Theory]
    [InlineData(1, true, 1015)]
    [InlineData(32, true, 1999)]
    [InlineData(64, true, 10_000)]
    [InlineData(1, false, 10_000)]
    public void Data_that_the_client_lets_out_in_crumbs_brings_nobody_forward(int length, bool shut, int expected)
    {
        var guard = new FloodGuard(0);
        int taken = 0;
        try
        {
            for (; taken < 10 * Frames; taken++)
            {
                guard.OnIdleFrame(0);
                guard.OnDataSent(length, shut);
            }
        }
        catch (Http2Exception)
        {
            // Counted below.
        }

        Assert.Equal(expected, taken);
    }

    private static void Spend(ref FloodGuard guard, int frames, long now = 0)
    {
        for (int i = 0; i < frames; i++)
        {
            guard.OnIdleFrame(now);
        }
    }

    private static void AssertOver(ref FloodGuard guard, long now)
    {
        var copy = guard;
        Assert.Equal(Http2Error.EnhanceYourCalm, Assert.Throws<Http2Exception>(() => copy.OnIdleFrame(now)).Code);
    }
}
