namespace Outrider.Net.Timers;

/// <summary>
/// Something with a deadline on one loop. Moving the deadline later, or disarming, only writes a field: the wheel finds out
/// when it next passes by. That is what makes a timeout per request cost nothing. Only the loop's thread touches it.
/// </summary>
public abstract class LoopTimer
{
    internal const long Disarmed = long.MaxValue;

    internal LoopTimer? Next;
    internal LoopTimer? Previous;
    internal long Scheduled = Disarmed;
    internal long Deadline = Disarmed;
    internal int Slot;

    /// <summary>The deadline has passed; the timer is disarmed. Runs on the loop.</summary>
    protected internal abstract void OnTimer();

    /// <summary>Is a deadline set?</summary>
    protected internal bool IsArmed => Deadline != Disarmed;
}
