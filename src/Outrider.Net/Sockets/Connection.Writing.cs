namespace Outrider.Net;

/// <content>What a codec writes: into the output queue, or through TLS into it. <c>Connection.Sending.cs</c> takes it from there.</content>
public abstract partial class Connection
{
    // From here on, handing the bytes to the kernel at once beats copying them next to what waits (measured: 64 KiB bodies).
    private const int LargeWrite = 8 * 1024;

    private OutputQueue _output;

    /// <summary>Bytes written but not yet taken by the kernel.</summary>
    public int PendingOutput => (_tls?.GatheredLength ?? 0) + _output.Length;

    /// <summary>
    /// Writes. Small pieces written during one event leave together in one system call at its end; a large one leaves at
    /// once with what is before it. What the kernel does not take is copied and waits. After <see cref="Close"/> or a
    /// failure it does nothing.
    /// </summary>
    public void Write(ReadOnlySpan<byte> data)
    {
        if ((_flags & NoMoreOutput) != 0 || data.IsEmpty)
        {
            return;
        }

        if (_tls is not null)
        {
            WriteEncrypted(data);
            return;
        }

        if (data.Length >= LargeWrite && MaySend)
        {
            data = SendQueueAnd(data);
        }

        _output.Append(data, Loop.Segments);
        QueueFlush();
    }

    /// <summary>A piece of the output queue to write into: at least <paramref name="size"/> bytes (up to 4 KiB). Follow with <see cref="Advance"/>.</summary>
    public Span<byte> GetSpan(int size) => _tls is null ? _output.GetSpan(size, Loop.Segments) : _tls.GetSpan(size);

    /// <summary>Says how much of <see cref="GetSpan"/> was used.</summary>
    public void Advance(int count)
    {
        if ((_flags & NoMoreOutput) != 0)
        {
            // What was filled in is forgotten by not counting it; what was written before still goes out.
            if ((_flags & (Flags.Closed | Flags.WriteFailed | Flags.OutputEnded)) != 0)
            {
                DropOutput();
            }

            return;
        }

        if (_tls is null)
        {
            _output.Advance(count);
        }
        else
        {
            _tls.Advance(count);
        }

        QueueFlush();
    }

    private void DropOutput()
    {
        _tls?.DropGathered();
        _output.Drop(Loop.Segments);
    }
}
