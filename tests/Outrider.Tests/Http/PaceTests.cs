using Outrider.Http.Rules;

namespace Outrider.Tests.Http;

/// <summary>What a pace allows, to the millisecond.</summary>
public sealed class PaceTests
{
    private const int Rate = 100;
    private const int Grace = 5000;

    [Fact]
    public void Nothing_at_all_is_suffered_for_the_grace()
    {
        var pace = Begun(1000);
        Assert.False(pace.IsBehind(5999));
        Assert.True(pace.IsBehind(6000));
        Assert.Equal(5000, pace.Left(1000, 60_000));
        Assert.Equal(700, pace.Left(1000, 700));
        Assert.Equal(1, pace.Left(7000, 60_000));
    }

    [Fact]
    public void Who_sends_at_the_rate_is_never_behind_and_who_sends_less_is_in_the_end()
    {
        var exact = Begun(0);
        var slower = Begun(0);
        long cutAt = 0;
        for (long now = 10; now <= 1_000_000; now += 10)
        {
            exact.Arrived(1, now);
            Assert.False(exact.IsBehind(now));
            if (now % 100 != 0)
            {
                // Nine of ten bytes.
                slower.Arrived(1, now);
            }

            if (cutAt == 0 && slower.IsBehind(now))
            {
                cutAt = now;
            }
        }

        // A tenth of the time is not paid for: the grace lasts for ten times itself.
        Assert.InRange(cutAt, 50_000 - 200, 50_000 + 200);
    }

    [Fact]
    public void What_came_fast_does_not_pay_for_what_stops()
    {
        var pace = Begun(0);
        pace.Arrived(100_000_000, 10);
        Assert.False(pace.IsBehind(5009));
        Assert.True(pace.IsBehind(5010));
    }

    [Fact]
    public void Single_bytes_count_at_any_rate()
    {
        var pace = default(Pace);
        pace.Begin(0, 1_000_000, 1000);
        for (int now = 0; now < 1000; now++)
        {
            pace.Arrived(1, now);
        }

        // A thousand bytes at a million a second are a millisecond.
        Assert.False(pace.IsBehind(1000));
        Assert.True(pace.IsBehind(1002));
    }

    [Fact]
    public void While_nobody_waits_the_time_stands_still()
    {
        var pace = Begun(0);
        pace.Pause(4000);
        pace.Pause(6000);
        Assert.False(pace.IsBehind(1_000_000));
        Assert.Equal(60_000, pace.Left(1_000_000, 60_000));
        pace.Resume(1_000_000);
        Assert.False(pace.IsBehind(1_000_999));
        Assert.True(pace.IsBehind(1_001_000));
    }

    [Fact]
    public void Without_a_rate_any_pace_will_do()
    {
        var pace = default(Pace);
        pace.Begin(0, 0, 1);
        Assert.False(pace.IsBehind(long.MaxValue / 2000));
        Assert.Equal(60_000, pace.Left(5, 60_000));
        var ended = Begun(0);
        ended.End();
        Assert.False(ended.IsBehind(100_000));
    }

    private static Pace Begun(long now)
    {
        var pace = default(Pace);
        pace.Begin(now, Rate, Grace);
        return pace;
    }
}
