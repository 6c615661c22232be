using System.ComponentModel;
using Outrider.Net.Interop;

namespace Outrider.Net.Loops;

/// <summary>An eventfd: how other threads get a loop out of its wait. <see cref="Signal"/> is for any thread.</summary>
internal sealed unsafe class WakeUp : LoopHandle, IDisposable
{
    private int _signalled;

    internal WakeUp()
    {
        Descriptor = LibC.eventfd(0, Constants.EFD_CLOEXEC | Constants.EFD_NONBLOCK);
        if (Descriptor < 0)
        {
            throw new Win32Exception(LibC.Error);
        }
    }

    internal void Signal()
    {
        if (Interlocked.Exchange(ref _signalled, 1) == 0)
        {
            ulong one = 1;
            _ = LibC.write(Descriptor, &one, sizeof(ulong));
        }
    }

    internal override void OnEvents(uint events)
    {
        ulong count;
        _ = LibC.read(Descriptor, &count, sizeof(ulong));
        // The flag is put back before the queue is read, so a signal in between is not lost, only one too many.
        Volatile.Write(ref _signalled, 0);
    }

    /// <summary>Closes the descriptor. A signal that comes later goes nowhere, and not into whatever has the descriptor's number by then.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _signalled, 1);
        _ = LibC.close(Descriptor);
    }

    protected internal override void OnTimer()
    {
    }
}
