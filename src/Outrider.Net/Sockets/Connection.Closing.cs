using Outrider.Net.Interop;

namespace Outrider.Net;

/// <content>How a connection ends: at once, or once all output is on its way, and then without hurting what the peer has yet to read.</content>
public abstract partial class Connection
{
    // How long a connection that has said its last is read, and what comes forgotten.
    private const int DrainMilliseconds = 2000;

    private int _error;

    /// <summary>Closes now. Output that waits is lost; input that was not read makes the kernel reset the connection.</summary>
    public void Close() => Fail(0);

    /// <summary>Closes now with a reset, for a peer that could take an ordinary end for the end of a message.</summary>
    public void Abort()
    {
        if (Descriptor >= 0)
        {
            SocketCalls.ResetWhenClosed(Descriptor);
        }

        Fail(0);
    }

    /// <summary>
    /// Closes once all output is on its way. With <paramref name="drain"/> it then says so to the peer and goes on reading,
    /// and forgetting, until the peer closes or two seconds are over, so that an unread request does not make the kernel
    /// destroy the answer (RFC 9112 §9.6).
    /// </summary>
    public void CloseWhenWritten(bool drain)
    {
        if ((_flags & (Flags.Closed | Flags.CloseWhenWritten)) != 0)
        {
            return;
        }

        _flags |= Flags.CloseWhenWritten | (drain ? Flags.Discarding : 0);
        QueueFlush();
    }

    /// <summary>Tells the peer, once all output is on its way, that no more will come; input goes on.</summary>
    public void ShutdownWhenWritten()
    {
        _flags |= Flags.ShutdownWhenWritten;
        QueueFlush();
    }

    /// <summary>All output is on its way, and something was asked for that moment.</summary>
    private void EndOutput()
    {
        if ((_flags & (Flags.ShutdownWhenWritten | Flags.OutputEnded | Flags.WriteFailed | Flags.Closed | Flags.Open)) == (Flags.ShutdownWhenWritten | Flags.Open))
        {
            _flags |= Flags.OutputEnded;
            _ = LibC.shutdown(Descriptor, Constants.SHUT_WR);
        }

        if ((_flags & (Flags.CloseWhenWritten | Flags.Closed)) == Flags.CloseWhenWritten)
        {
            FinishClose();
        }
    }

    private void FinishClose()
    {
        // Not at the peer's shutdown, but at the end of what it sent: with bytes unread, close(2) would reset.
        if ((_flags & (Flags.Discarding | Flags.EndOfInput | Flags.WriteFailed | Flags.Open)) != (Flags.Discarding | Flags.Open))
        {
            Fail(_error);
            return;
        }

        // Only once: later flushes find nothing to do.
        if ((_flags & Flags.Draining) == 0)
        {
            _flags |= Flags.Draining | Flags.OutputEnded;
            _ = LibC.shutdown(Descriptor, Constants.SHUT_WR);
            // From now on, and not from the call: a slow reader gets all the time that the owner's timer gives it.
            Loop.Arm(this, DrainMilliseconds);
            _unread.Drop();
            ResumeReading();
        }
    }

    /// <summary>Closes the descriptor; the codec hears of it when the event at hand is done.</summary>
    /// <param name="error">The errno of what ended the connection, or 0.</param>
    private void Fail(int error)
    {
        if ((_flags & Flags.Closed) != 0)
        {
            return;
        }

        _flags |= Flags.Closed;
        _error = error;
        DropOutput();
        if (Descriptor >= 0)
        {
            Loop.Poller.Forget(this);
            _ = LibC.close(Descriptor);
            Descriptor = -1;
            Loop.WaitingConnects.OnDescriptorClosed();
        }

        QueueFlush();
    }

    private void TellClosed()
    {
        _flags |= Flags.ClosedTold;
        Loop.Remove(this);
        // Not before: whoever closed the connection may still have been looking at these bytes.
        _unread.Drop();
        _tls?.Dispose(_error);
        OnClosed(_error);
    }
}
