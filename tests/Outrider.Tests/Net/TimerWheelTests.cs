using Outrider.Net.Timers;

namespace Outrider.Tests.Net;

public sealed class TimerWheelTests
{
    private const long Start = 1_000_000;

    private readonly TimerWheel _wheel;
    private readonly List<Exception> _failures = [];
    private long _now = Start;

    public TimerWheelTests() => _wheel = new TimerWheel(Start, (_, e) => _failures.Add(e));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(1_000)]
    [InlineData(16_368)]
    [InlineData(16_384)]
    [InlineData(16_400)]
    [InlineData(90_000)]
    [InlineData(3_600_000)]
    public void A_timer_fires_once_never_early_and_at_most_two_ticks_late(int delay)
    {
        var timer = new TestTimer(this);
        _wheel.Arm(timer, Start + delay);

        RunTo(Start + delay + 200_000);

        long fired = Assert.Single(timer.Fired);
        Assert.InRange(fired - Start, delay, delay + 32);
        Assert.False(timer.IsSet);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_000)]
    [InlineData(20_000)]
    [InlineData(90_000)]
    public void A_loop_that_sleeps_until_the_next_timer_wakes_in_time(int delay)
    {
        var timer = new TestTimer(this);
        _wheel.Arm(timer, Start + delay);
        int wakes = 0;

        while (timer.Fired.Count == 0)
        {
            int due = _wheel.NextDue(_now);
            Assert.InRange(due, 0, 17_000);
            _now += due;
            _wheel.Advance(_now);
            wakes++;
        }

        Assert.InRange(timer.Fired[0] - Start, delay, delay + 32);
        // A far one is looked at once in each turn of the wheel, not more.
        Assert.InRange(wakes, 1, 3 + (delay / 16_000));
    }

    [Fact]
    public void Without_timers_nothing_is_due()
    {
        Assert.Equal(-1, _wheel.NextDue(_now));
        var timer = new TestTimer(this);
        _wheel.Arm(timer, Start + 100);
        _wheel.Remove(timer);
        Assert.Equal(-1, _wheel.NextDue(_now));
    }

    [Fact]
    public void A_disarmed_timer_does_not_fire()
    {
        var timer = new TestTimer(this);
        _wheel.Arm(timer, Start + 100);
        TimerWheel.Disarm(timer);

        RunTo(Start + 1_000);

        Assert.Empty(timer.Fired);
        Assert.Equal(-1, _wheel.NextDue(_now));
    }

    [Theory]
    [InlineData(100, 500)]
    [InlineData(500, 100)]
    [InlineData(100, 30_000)]
    [InlineData(30_000, 100)]
    [InlineData(100, 101)]
    public void A_timer_that_is_moved_fires_at_its_last_deadline_only(int first, int second)
    {
        var timer = new TestTimer(this);
        _wheel.Arm(timer, Start + first);
        _wheel.Arm(timer, Start + second);

        RunTo(Start + 60_000);

        Assert.InRange(Assert.Single(timer.Fired) - Start, second, second + 32);
    }

    [Fact]
    public void A_timer_that_is_put_off_again_and_again_fires_when_that_ends()
    {
        var timer = new TestTimer(this);
        for (int i = 0; i < 1_000; i++)
        {
            _wheel.Arm(timer, _now + 100);
            RunTo(_now + 50);
        }

        Assert.Empty(timer.Fired);
        RunTo(_now + 200);
        _ = Assert.Single(timer.Fired);
    }

    [Fact]
    public void A_timer_may_arm_itself_again_when_it_fires()
    {
        var timer = new TestTimer(this);
        timer.Action = () =>
        {
            if (timer.Fired.Count < 5)
            {
                _wheel.Arm(timer, _now);
            }
        };
        _wheel.Arm(timer, Start);

        RunTo(Start + 500);

        Assert.Equal(5, timer.Fired.Count);
    }

    [Fact]
    public void A_timer_may_remove_any_other_of_its_slot_when_it_fires()
    {
        for (int victim = 0; victim < 5; victim++)
        {
            for (int killer = 0; killer < 5; killer++)
            {
                var timers = Enumerable.Range(0, 5).Select(_ => new TestTimer(this)).ToArray();
                long deadline = _now + 100;
                bool tookEffect = false;
                timers[killer].Action = () =>
                {
                    tookEffect = timers[victim].IsSet;
                    _wheel.Remove(timers[victim]);
                };
                Array.ForEach(timers, timer => _wheel.Arm(timer, deadline));

                RunTo(_now + 300);

                for (int i = 0; i < 5; i++)
                {
                    Assert.Equal(i == victim && tookEffect ? 0 : 1, timers[i].Fired.Count);
                }

                Assert.Equal(-1, _wheel.NextDue(_now));
            }
        }
    }

    [Fact]
    public void A_timer_may_move_or_disarm_others_of_its_slot_when_it_fires()
    {
        var first = new TestTimer(this);
        var moved = new TestTimer(this);
        var disarmed = new TestTimer(this);
        // The last one armed is the first one in its slot.
        _wheel.Arm(disarmed, Start + 100);
        _wheel.Arm(moved, Start + 100);
        _wheel.Arm(first, Start + 100);
        first.Action = () =>
        {
            _wheel.Arm(moved, _now + 1_000);
            TimerWheel.Disarm(disarmed);
        };

        RunTo(Start + 5_000);

        _ = Assert.Single(first.Fired);
        Assert.InRange(Assert.Single(moved.Fired) - Start, 1_100, 1_200);
        Assert.Empty(disarmed.Fired);
    }

    [Fact]
    public void A_long_sleep_loses_no_timer()
    {
        var timers = Enumerable.Range(0, 500).Select(i => new TestTimer(this)).ToArray();
        for (int i = 0; i < timers.Length; i++)
        {
            _wheel.Arm(timers[i], Start + (i * 100));
        }

        _now = Start + 1_000_000;
        _wheel.Advance(_now);

        Assert.All(timers, timer => Assert.Single(timer.Fired));
    }

    [Fact]
    public void A_timer_that_throws_takes_no_other_with_it()
    {
        var timers = Enumerable.Range(0, 3).Select(_ => new TestTimer(this)).ToArray();
        Array.ForEach(timers, timer => _wheel.Arm(timer, Start + 100));
        timers[1].Action = () => throw new InvalidOperationException("on purpose");

        RunTo(Start + 1_000);

        Assert.All(timers, timer => Assert.Single(timer.Fired));
        Assert.Equal("on purpose", Assert.Single(_failures).Message);
    }

    [Fact]
    public void Whatever_is_done_to_timers_each_fires_exactly_when_a_simple_list_says()
    {
        var random = new Random(42);
        var timers = Enumerable.Range(0, 50).Select(_ => new TestTimer(this)).ToArray();
        var deadlines = new long?[timers.Length];
        for (int step = 0; step < 20_000; step++)
        {
            int i = random.Next(timers.Length);
            switch (random.Next(8))
            {
                case 0:
                    TimerWheel.Disarm(timers[i]);
                    deadlines[i] = null;
                    break;
                case 1:
                    _wheel.Remove(timers[i]);
                    deadlines[i] = null;
                    break;
                default:
                    deadlines[i] = _now + random.Next(random.Next(4) == 0 ? 60_000 : 400);
                    _wheel.Arm(timers[i], deadlines[i]!.Value);
                    break;
            }

            _now += random.Next(step % 100 == 0 ? 30_000 : 40);
            _wheel.Advance(_now);
            for (int n = 0; n < timers.Length; n++)
            {
                bool fired = timers[n].Fired.Count > 0;
                if (fired)
                {
                    Assert.True(deadlines[n] <= _now, "fired without a deadline, or early");
                    deadlines[n] = null;
                    timers[n].Fired.Clear();
                }

                Assert.True(deadlines[n] is null || deadlines[n] > _now - 32, "did not fire");
            }
        }
    }

    private void RunTo(long end)
    {
        while (_now < end)
        {
            _now += 7;
            _wheel.Advance(_now);
        }
    }

    private sealed class TestTimer(TimerWheelTests test) : LoopTimer
    {
        internal List<long> Fired { get; } = [];

        internal Action? Action { get; set; }

        internal bool IsSet => IsArmed;

        protected internal override void OnTimer()
        {
            Fired.Add(test._now);
            Action?.Invoke();
        }
    }
}
