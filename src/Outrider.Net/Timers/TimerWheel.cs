using System.Numerics;

namespace Outrider.Net.Timers;

/// <summary>
/// The timers of one loop: a hashed wheel of 1,024 slots, 16 ms each, so a deadline is met 0 to 16 ms late. A timer further
/// away than the 16 s that the wheel spans is looked at once in each turn. (Varghese and Lauck, "Hashed and Hierarchical
/// Timing Wheels", 1987, scheme 6.)
/// </summary>
internal sealed class TimerWheel
{
    private const int SlotCount = 1024;
    private const int TickShift = 4;

    private readonly LoopTimer?[] _slots = new LoopTimer?[SlotCount];
    private readonly ulong[] _occupied = new ulong[SlotCount / 64];
    private long _tick;
    private long _fired;

    private readonly Action<LoopTimer, Exception> _failed;

    /// <param name="nowMilliseconds">The loop's clock.</param>
    /// <param name="failed">Told of a timer that threw; the others go on.</param>
    internal TimerWheel(long nowMilliseconds, Action<LoopTimer, Exception> failed)
    {
        _tick = nowMilliseconds >> TickShift;
        _failed = failed;
    }

    /// <summary>How many timers have fired, or begun to. Any thread.</summary>
    internal long FiredCount => Volatile.Read(ref _fired);

    /// <summary>Sets the deadline, in milliseconds of the loop's clock.</summary>
    internal void Arm(LoopTimer timer, long deadline)
    {
        timer.Deadline = deadline;
        if (deadline < timer.Scheduled)
        {
            if (timer.Scheduled != LoopTimer.Disarmed)
            {
                Unlink(timer);
            }

            Link(timer);
        }
    }

    /// <summary>Forgets the deadline; the wheel lets go of the timer when it next comes by.</summary>
    internal static void Disarm(LoopTimer timer) => timer.Deadline = LoopTimer.Disarmed;

    /// <summary>Forgets the timer at once, so that nothing holds it.</summary>
    internal void Remove(LoopTimer timer)
    {
        timer.Deadline = LoopTimer.Disarmed;
        if (timer.Scheduled != LoopTimer.Disarmed)
        {
            Unlink(timer);
        }
    }

    /// <summary>Fires what is due.</summary>
    internal void Advance(long now)
    {
        long target = now >> TickShift;
        if (target - _tick > SlotCount)
        {
            _tick = target - SlotCount;
        }

        while (_tick < target)
        {
            int slot = (int)(_tick & (SlotCount - 1));
            _tick++;
            if ((_occupied[slot >> 6] & (1UL << (slot & 63))) != 0)
            {
                RunSlot(slot, now);
            }
        }
    }

    /// <summary>Milliseconds until a slot with timers in it is due; −1 when there are no timers.</summary>
    internal int NextDue(long now)
    {
        int start = (int)(_tick & (SlotCount - 1));
        for (int i = 0; i <= _occupied.Length; i++)
        {
            int word = ((start >> 6) + i) % _occupied.Length;
            ulong bits = _occupied[word];
            if (i == 0)
            {
                bits &= ulong.MaxValue << (start & 63);
            }
            else if (i == _occupied.Length)
            {
                bits &= (1UL << (start & 63)) - 1;
            }

            if (bits != 0)
            {
                int slot = (word << 6) + BitOperations.TrailingZeroCount(bits);
                long ticksAway = (slot - start) & (SlotCount - 1);
                long due = (_tick + ticksAway + 1) << TickShift;
                return (int)Math.Max(0, due - now);
            }
        }

        return -1;
    }

    private void RunSlot(int slot, long now)
    {
        // Timers put into this very slot while it runs belong to a later turn: take the list off first.
        var timer = _slots[slot];
        _slots[slot] = null;
        _occupied[slot >> 6] &= ~(1UL << (slot & 63));
        // Everything in the detached list is marked as belonging to no slot, one by one, as it is taken.
        while (timer is not null)
        {
            var next = timer.Next;
            if (next is not null)
            {
                next.Previous = null;
            }

            timer.Next = null;
            timer.Scheduled = LoopTimer.Disarmed;
            _running = next;
            if (timer.Deadline <= now)
            {
                timer.Deadline = LoopTimer.Disarmed;
                Fire(timer);
            }
            else if (timer.Deadline != LoopTimer.Disarmed)
            {
                Link(timer);
            }

            timer = _running;
        }
    }

    private void Fire(LoopTimer timer)
    {
        _fired++;
        try
        {
            timer.OnTimer();
        }
        catch (Exception e)
        {
            // Not further: the rest of the slot would be lost, and with the loop's thread every connection that it has.
            _failed(timer, e);
        }
    }

    // Head of what is left of the slot that runs now; Unlink keeps it right when a timer's callback removes another one.
    private LoopTimer? _running;

    private void Link(LoopTimer timer)
    {
        long tick = Math.Max(timer.Deadline >> TickShift, _tick);
        timer.Scheduled = timer.Deadline;
        int slot = (int)(tick & (SlotCount - 1));
        timer.Slot = slot;
        timer.Previous = null;
        timer.Next = _slots[slot];
        if (timer.Next is not null)
        {
            timer.Next.Previous = timer;
        }

        _slots[slot] = timer;
        _occupied[slot >> 6] |= 1UL << (slot & 63);
    }

    private void Unlink(LoopTimer timer)
    {
        if (timer.Previous is not null)
        {
            timer.Previous.Next = timer.Next;
        }
        else if (_slots[timer.Slot] == timer)
        {
            _slots[timer.Slot] = timer.Next;
            if (timer.Next is null)
            {
                _occupied[timer.Slot >> 6] &= ~(1UL << (timer.Slot & 63));
            }
        }
        else
        {
            _running = timer.Next;
        }

        if (timer.Next is not null)
        {
            timer.Next.Previous = timer.Previous;
        }

        timer.Next = timer.Previous = null;
        timer.Scheduled = LoopTimer.Disarmed;
    }
}
