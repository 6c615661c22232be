using Outrider.Net.Loops;
using Outrider.Net.Transports;

namespace Outrider.Proxy.Tcp;

/// <summary>
/// One direction of a session: whether its bytes come through the process, or go past it through a pipe of the kernel
/// (<see cref="TransportSplice"/>), which costs less where they are many, and more where they are few. A field of the session, never
/// copied; on its loop.
/// </summary>
internal struct TcpBulk
{
    // Large reads in a row after which a transfer counts as large: half a MiB at the least.
    private const int LargeReads = 8;

    // After it could not go on so, as when no pipe was free: 4 MiB.
    private const int LargeReadsToTryAgain = 64;

    // Less than that at one time is not worth a pipe, when it happens so often in a row.
    private const int Small = 16 * 1024;
    private const int SmallMoves = 16;

    private TransportSplice? _splice;
    private int _largeReads, _smallMoves;

    /// <summary>Bytes that wait in a pipe.</summary>
    internal readonly int Waiting => _splice?.Waiting ?? 0;

    /// <summary>So many bytes were read and written. Where they show a large transfer, the next ones go past the process if they can.</summary>
    internal void OnRead(int count, Transport from, Transport to)
    {
        if (count < EventLoop.ReceiveBufferSize)
        {
            _largeReads = Math.Min(_largeReads, 0);
        }
        else if (++_largeReads >= LargeReads)
        {
            _splice ??= new TransportSplice(from, to);
            _smallMoves = 0;
            // Not while something waits for a slow reader: with the next large read, then.
            _largeReads = _splice.TryBegin() ? 0 : LargeReads - 1;
        }
    }

    /// <summary>Moves what can be moved. True: something has.</summary>
    /// <param name="taken">How many bytes were taken from their sender.</param>
    internal bool Move(out long taken)
    {
        var step = _splice!.Move(out taken, out long given);
        if (step == SpliceStep.Over)
        {
            _largeReads = LargeReads - LargeReadsToTryAgain;
        }
        else if (step == SpliceStep.Empty && taken is > 0 and < Small)
        {
            if (++_smallMoves >= SmallMoves)
            {
                _splice.Drop();
                _largeReads = 0;
            }
        }
        else if (taken > 0)
        {
            _smallMoves = 0;
        }

        return taken > 0 || given > 0;
    }

    /// <summary>The sender has gone: what waits for the receiver is written the ordinary way.</summary>
    internal readonly void Pour() => _ = _splice?.PourAndEnd();

    /// <summary>The receiver has gone: what waits is lost.</summary>
    internal readonly void Drop() => _splice?.Drop();
}
