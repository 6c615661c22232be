using Outrider.Net.Buffers;
using Outrider.Net.Interop;

namespace Outrider.Net.Transports;

/// <summary>
/// What one transport receives goes to another through a pipe of the kernel, and never into the process (splice(2)): for large transfers in plain
/// text that nobody looks at. While it is on, the first one's handler is told by <see cref="Sockets.TransportHandler.OnReadable"/> and not given bytes. A
/// pipe is borrowed from the loop only while bytes are in it. On the loop of both.
/// </summary>
/// <param name="from">Which is read.</param>
/// <param name="to">Which is written to. Nobody else writes to it while this is on.</param>
public sealed class TransportSplice(Transport from, Transport to)
{
    // As much as is read in a row the ordinary way (TransportInput).
    private const int MaxInARow = 1024 * 1024;

    private KernelPipe? _pipe;

    /// <summary>Is it on?</summary>
    public bool IsOn { get; private set; }

    /// <summary>Bytes that were taken from the one and not yet by the other.</summary>
    public int Waiting => _pipe?.Length ?? 0;

    /// <summary>
    /// Begins, from the next byte on. False, and nothing happens: one of them speaks TLS, has a stage before its handler, is to close or has
    /// something yet to send.
    /// </summary>
    public bool TryBegin()
    {
        if (!IsPlain(from) || !IsPlain(to) || to.PendingOutput > 0 || to.IsWriteBlocked || to.Output.Socket.IsClosed || from.IsReadPaused || from.PendingInput > 0)
        {
            return false;
        }

        IsOn = true;
        from.Input.Leave(from, true);
        return true;
    }

    /// <summary>Moves what can be moved. Nothing is called back but the one's handler: the end of its input, when that comes.</summary>
    /// <param name="taken">How many bytes were taken from the one.</param>
    /// <param name="given">How many bytes the other has taken.</param>
    public SpliceStep Move(out long taken, out long given)
    {
        taken = given = 0;
        while (true)
        {
            if (_pipe is { Length: > 0 } filled)
            {
                given += to.Output.Send(to, filled, out bool isRefused);
                if (isRefused)
                {
                    given += Pour();
                    return End();
                }

                if (filled.Length > 0)
                {
                    return IsDeaf(to) ? End() : SpliceStep.Blocked;
                }
            }

            if (IsDeaf(to))
            {
                return End();
            }

            if (taken >= MaxInARow)
            {
                GiveBack();
                from.Input.QueueRead(from);
                return SpliceStep.More;
            }

            if (from.IsClosed || from.IsReadPaused || !from.Input.Socket.IsReady)
            {
                GiveBack();
                return SpliceStep.Empty;
            }

            _pipe ??= from.Loop.Pipes.Rent();
            nint count = _pipe is null ? -Constants.EINVAL : _pipe.Fill(from.Descriptor);
            if (count < 0 && KernelPipe.IsRefusal(-count))
            {
                return End();
            }

            if (count <= 0)
            {
                GiveBack();
                from.Input.EndOfReceive(from, count == 0, -(int)count);
                return SpliceStep.Empty;
            }

            taken += count;
        }
    }

    /// <summary>Ends it: what waits is lost, and what comes is received again.</summary>
    public void Drop() => End();

    /// <summary>Ends it: what waits is written the ordinary way, and what comes is received again.</summary>
    /// <returns>How many bytes those were.</returns>
    public long PourAndEnd()
    {
        long poured = Pour();
        End();
        return poured;
    }

    private static bool IsPlain(Transport transport) => transport is { IsOpen: true, IsClosing: false, Layer: null, Stage: null };

    private static bool IsDeaf(Transport transport) => transport.IsClosed || transport.IsClosing || transport.Output.Socket.IsOver;

    private long Pour()
    {
        long poured = 0;
        Span<byte> buffer = stackalloc byte[16 * 1024];
        while (_pipe is { Length: > 0 } pipe && pipe.Read(buffer) is > 0 and var count)
        {
            to.Write(buffer[..(int)count]);
            poured += count;
        }

        return poured;
    }

    private SpliceStep End()
    {
        GiveBack();
        if (IsOn)
        {
            IsOn = false;
            from.Input.Leave(from, false);
        }

        return SpliceStep.Over;
    }

    private void GiveBack()
    {
        if (_pipe is { } pipe)
        {
            _pipe = null;
            from.Loop.Pipes.Return(pipe);
        }
    }
}
