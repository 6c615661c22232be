namespace Outrider.Proxy.Logging;

/// <summary>
/// The way of one loop's lines into a <see cref="LogFile"/>: a ring of bytes with one producer, the loop, and one consumer, the
/// file's writer thread. Nobody locks or allocates; a line that finds no room is dropped and counted.
/// </summary>
internal sealed class LogLane
{
    // A quarter of a megabyte is about a thousand lines of the usual length; the writer empties it 20 times a second or as soon as
    // it is half full. Memory that was never written costs nothing: the kernel maps it at the first touch.
    internal const int DefaultCapacity = 256 * 1024;

    private readonly LogFile _file;
    private readonly byte[] _ring;
    private readonly int _mask;
    private long _written; // by the producer
    private long _dropped; // by the producer
    private long _taken; // by the consumer
    private long _lost; // by the consumer
    private volatile bool _closed;

    /// <summary>Makes a lane; <see cref="LogFile.OpenLane"/> does.</summary>
    /// <param name="file">Where it leads.</param>
    /// <param name="capacity">Bytes, a power of two.</param>
    internal LogLane(LogFile file, int capacity)
    {
        _file = file;
        _ring = new byte[capacity];
        _mask = capacity - 1;
    }

    /// <summary>Where the lane leads.</summary>
    public LogFile File => _file;

    /// <summary>Lines that were lost: that found no room, or that the disk refused. Any thread.</summary>
    public long Dropped => Volatile.Read(ref _dropped) + Volatile.Read(ref _lost);

    internal long Written => Volatile.Read(ref _written);

    internal long Taken => Volatile.Read(ref _taken);

    internal bool IsFinished => _closed && Written == Taken;

    /// <summary>Queues one line, its newline included. On the owner's thread. Does nothing while the file is disabled.</summary>
    /// <returns>False when there was no room and the line is lost.</returns>
    public bool TryWrite(ReadOnlySpan<byte> line)
    {
        if (!_file.IsEnabled)
        {
            return true;
        }

        long written = _written;
        long used = written - Volatile.Read(ref _taken);
        if (line.Length > _ring.Length - used)
        {
            Volatile.Write(ref _dropped, _dropped + 1);
            return false;
        }

        int start = (int)written & _mask;
        int first = Math.Min(line.Length, _ring.Length - start);
        line[..first].CopyTo(_ring.AsSpan(start));
        line[first..].CopyTo(_ring);
        Volatile.Write(ref _written, written + line.Length);
        _file.Wake(used + line.Length > _ring.Length / 2);
        return true;
    }

    /// <summary>The owner writes no more; what is queued is still written. On the owner's thread.</summary>
    public void Close()
    {
        _closed = true;
        _file.Wake(false);
    }

    /// <summary>Hands what is queued to the stream. On the file's writer thread.</summary>
    /// <returns>How many bytes that was, whether the stream took them or not.</returns>
    internal long Drain(Stream stream)
    {
        long taken = _taken;
        long length = Volatile.Read(ref _written) - taken;
        if (length == 0)
        {
            return 0;
        }

        int start = (int)taken & _mask;
        int first = (int)Math.Min(length, _ring.Length - start);
        bool done = false;
        long before = stream.CanSeek ? stream.Length : -1;
        try
        {
            stream.Write(_ring.AsSpan(start, first));
            stream.Write(_ring.AsSpan(0, (int)length - first));
            done = true;
        }
        finally
        {
            if (!done)
            {
                // What a full disk took of it before it was full is there; a line that is there in part is lost.
                int there = before < 0 ? 0 : (int)Math.Clamp(stream.Length - before, 0, length);
                Volatile.Write(ref _lost, _lost + Lines(start, first, (int)length, there));
            }

            // A disk that is full must not stop the loops: what it does not take is gone.
            Volatile.Write(ref _taken, taken + length);
        }

        return length;
    }

    // How many lines end after the first bytes that are left out.
    private int Lines(int start, int first, int length, int without)
    {
        var one = _ring.AsSpan(start, first);
        var other = _ring.AsSpan(0, length - first);
        return one[Math.Min(without, first)..].Count((byte)'\n') + other[Math.Max(without - first, 0)..].Count((byte)'\n');
    }
}
