namespace Outrider.Plugins.Processes.Supervision;

/// <summary>Notices when a process answers no call any more. A slow call says nothing; that for some time all of them timed out does. Any thread.</summary>
/// <param name="limit">How long; zero: never.</param>
/// <param name="onSilence">Called once per silence, by the call whose timeout shows it.</param>
internal sealed class HangWatch(TimeSpan limit, Action onSilence)
{
    private const long Reported = -1;

    // When the first call of an unbroken row timed out (Environment.TickCount64), 0 when the last one was answered.
    private long _silentSince;

    /// <summary>An answer came, be it a refusal.</summary>
    internal void Answered()
    {
        // Written only when it changes: every call comes here.
        if (Volatile.Read(ref _silentSince) != 0)
        {
            Volatile.Write(ref _silentSince, 0);
        }
    }

    /// <summary>A call timed out.</summary>
    internal void TimedOut()
    {
        if (limit == TimeSpan.Zero)
        {
            return;
        }

        long now = Environment.TickCount64;
        long since = Interlocked.CompareExchange(ref _silentSince, now, 0);
        if (since > 0 && now - since >= limit.TotalMilliseconds && Interlocked.CompareExchange(ref _silentSince, Reported, since) == since)
        {
            onSilence();
        }
    }
}
