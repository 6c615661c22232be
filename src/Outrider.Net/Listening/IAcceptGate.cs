namespace Outrider.Net.Listening;

/// <summary>Says whether a listener may take one more connection, and hears when somebody has to wait for that. On the listener's loop.</summary>
public interface IAcceptGate
{
    /// <summary>May one more connection be taken? If so it counts from now on, until <see cref="Leave"/>.</summary>
    bool TryEnter();

    /// <summary>
    /// A connection that was counted has not come to be, or is closed. The listener calls it for the former, its connections'
    /// owner for the latter.
    /// </summary>
    void Leave();

    /// <summary>A client waits in the kernel's queue. Called when that begins and again every 50 ms while it lasts.</summary>
    /// <param name="descriptors">Because the process is short of descriptors, and not because <see cref="TryEnter"/> said no.</param>
    void OnWaiting(bool descriptors);
}
