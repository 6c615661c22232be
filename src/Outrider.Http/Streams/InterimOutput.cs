using Outrider.Net.Transports;

namespace Outrider.Http.Streams;

/// <summary>
/// Whether a client still takes what it is told before the answer (RFC 9110 §15.2). No flow control of HTTP/2 holds a head, and an upstream
/// may send many: hints for a client that does not read are left out, before they fill the memory.
/// </summary>
internal static class InterimOutput
{
    // What conn_buffer_limit_bytes is by default.
    private const int MaxWaiting = 32 * 1024;

    /// <summary>May one more be written? On the transport's loop.</summary>
    internal static bool MayFollow(Transport transport)
    {
        if (transport.PendingOutput >= MaxWaiting && !transport.IsWriteBlocked)
        {
            // Written within the event at hand: the kernel was not asked yet.
            transport.SendNow();
        }

        return transport.PendingOutput < MaxWaiting && !transport.IsClosed;
    }
}
