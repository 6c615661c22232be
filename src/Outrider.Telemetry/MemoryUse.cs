namespace Outrider.Telemetry;

/// <summary>Whether the process has used up what memory it may have. Loops read it; whoever measures writes it. Any thread.</summary>
internal sealed class MemoryUse
{
    private volatile bool _isShort;
    private long _refused;

    /// <summary>Does the process use more than it may? New requests are refused then.</summary>
    public bool IsShort
    {
        get => _isShort;
        set => _isShort = value;
    }

    /// <summary>Requests that were refused for it.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>A request is refused for it.</summary>
    public void Refuse() => Interlocked.Increment(ref _refused);
}
