using System.Diagnostics;
using Outrider.Net.Loops;

namespace Outrider.Tests.Net;

/// <summary>When a loop has more to do than it can.</summary>
public sealed class TurnPressureTests
{
    private const int MaxDelay = 200;

    [Theory]
    [InlineData(0, 999, 500, false)]
    [InlineData(0, 1000, 201, true)]
    [InlineData(0, 1000, 0, false)]
    [InlineData(59_500, 60_000, 10_000, false)]
    public void What_is_served_late_is_late_once_there_was_no_rest_for_a_second(long calmAt, long now, int ago, bool isLate)
    {
        var pressure = new TurnPressure { MaxDelay = MaxDelay };
        pressure.OnCalm(calmAt);
        pressure.Begin(Ago(ago));
        pressure.Begin(Ago(ago));
        Assert.Equal(isLate, pressure.IsLate(now));
    }

    [Fact]
    public void A_rest_ends_it_a_while_later_and_what_came_later_has_waited_less()
    {
        var pressure = new TurnPressure { MaxDelay = MaxDelay };
        pressure.Begin(Ago(1000));
        pressure.Begin(Ago(1000));
        Assert.True(pressure.IsLate(5000));
        pressure.Begin(Ago(0));
        Assert.False(pressure.IsLate(5000));
        pressure.Begin(Ago(1000));
        // Refusing makes room: a rest right after it is no sign of time for all.
        pressure.OnCalm(5050);
        Assert.True(pressure.IsLate(5050));
        pressure.OnCalm(7000);
        Assert.False(pressure.IsLate(7000));
    }

    [Fact]
    public void One_call_back_that_took_seconds_is_no_queue()
    {
        var pressure = new TurnPressure { MaxDelay = MaxDelay };
        pressure.Begin(Ago(3000));
        pressure.OnCalm(1000);
        Assert.False(pressure.IsLate(4000));
        pressure.Begin(Ago(500));
        Assert.False(pressure.IsLate(4500));
        pressure.Begin(Ago(500));
        Assert.True(pressure.IsLate(5000));
    }

    [Fact]
    public void A_turn_is_long_from_half_of_the_delay_on()
    {
        var pressure = new TurnPressure { MaxDelay = MaxDelay };
        Assert.False(pressure.IsLong(100));
        Assert.True(pressure.IsLong(101));
    }

    [Fact]
    public void Where_nobody_asks_nothing_is_late()
    {
        var pressure = new TurnPressure();
        pressure.Begin(Ago(10_000));
        Assert.False(pressure.IsLong(100_000));
        Assert.False(pressure.IsLate(60_000));
    }

    private static long Ago(int milliseconds) => Stopwatch.GetTimestamp() - (milliseconds * Stopwatch.Frequency / 1000);
}
