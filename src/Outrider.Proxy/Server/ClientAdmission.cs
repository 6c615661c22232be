using Outrider.Net.Listening;

namespace Outrider.Proxy.Server;

/// <summary>Lets clients in at one listener on one loop: within the listener's limit, and within the process's.</summary>
/// <param name="process">The process's limit.</param>
/// <param name="listener">The listener's limit.</param>
/// <param name="waiting">Told, on the loop, that a client has to wait, and whom it waits for.</param>
internal sealed class ClientAdmission(ProcessConnections process, ConnectionLimit listener, Action<WaitReason> waiting) : IAcceptGate
{
    private bool _listenerIsFull;

    /// <inheritdoc/>
    public bool TryEnter()
    {
        _listenerIsFull = !listener.TryEnter();
        if (_listenerIsFull)
        {
            return false;
        }

        if (process.TryEnter())
        {
            return true;
        }

        listener.Leave();
        return false;
    }

    /// <inheritdoc/>
    public void Leave()
    {
        listener.Leave();
        process.Leave();
    }

    /// <inheritdoc/>
    public void OnWaiting(bool descriptors)
        => waiting(descriptors ? WaitReason.Descriptors : _listenerIsFull ? WaitReason.ListenerLimit : WaitReason.ProcessLimit);
}
