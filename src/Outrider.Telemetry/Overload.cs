namespace Outrider.Telemetry;

/// <summary>Requests that were refused because their loop was behind with its work. Any thread.</summary>
internal sealed class Overload
{
    private long _refused;

    /// <summary>How many there were.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>A request is refused for it.</summary>
    public void Refuse() => Interlocked.Increment(ref _refused);
}
