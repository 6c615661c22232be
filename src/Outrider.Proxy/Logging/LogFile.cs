using Outrider.Filters;

namespace Outrider.Proxy.Logging;

/// <summary>
/// Where lines of logs end: a file, standard output or standard error. One background thread writes; whoever logs only copies
/// into bounded queues and never waits for the disk. Loops have a <see cref="LogLane"/> each; other threads share one queue
/// (<see cref="TryWrite"/>). All members are for any thread.
/// </summary>
internal sealed class LogFile : IDisposable
{
    // The longest time that a line waits in a queue. Nobody reads faster, and it keeps the writer to 20 wake-ups a second.
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(50);

    // How long Dispose waits for a disk, or for the reader of a pipe, that does not take the rest.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly LogLane _shared;
    private readonly AutoResetEvent _wake = new(false);
    private readonly AutoResetEvent _hurry = new(false);
    private readonly int _capacity;
    private readonly Thread _writer;
    private LogLane[] _lanes;
    private long _droppedByClosed;
    private Stream _stream;
    private Stream? _next;
    private int _awake;
    private int _hurried;
    private long _rounds;
    private long _failures;
    private volatile bool _stop;
    private volatile bool _enabled = true;

    /// <summary>Opens the file, at its end; folders that are missing are made.</summary>
    /// <param name="path">A path, <c>stdout</c> (or nothing), or <c>stderr</c>.</param>
    /// <param name="queueCapacity">Bytes that each queue holds; a power of two.</param>
    /// <exception cref="IOException">It cannot be opened; the message names it.</exception>
    public LogFile(string path, int queueCapacity = LogLane.DefaultCapacity)
    {
        Path = LogFiles.Normalize(path);
        _capacity = queueCapacity;
        _stream = Open();
        _shared = new LogLane(this, queueCapacity);
        _lanes = [_shared];
        _writer = new Thread(Run, 256 * 1024) { Name = "log " + Path, IsBackground = true };
        _writer.Start();
    }

    /// <summary>The full path, <c>stdout</c> or <c>stderr</c>.</summary>
    public string Path { get; }

    /// <summary>Whether lines are kept at all; lines that are written while it is false vanish uncounted.</summary>
    public bool IsEnabled
    {
        get => _enabled;
        set => _enabled = value;
    }

    /// <summary>Lines that were lost, because a queue was full or the disk refused them.</summary>
    public long Dropped
    {
        get
        {
            lock (_gate)
            {
                return _droppedByClosed + _lanes.Sum(static lane => lane.Dropped);
            }
        }
    }

    /// <summary>Writes that the disk, or whatever is there, refused; their lines are lost.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>A queue for one loop. Close it when the loop, or what logs on it, goes.</summary>
    public LogLane OpenLane()
    {
        var lane = new LogLane(this, _capacity);
        lock (_gate)
        {
            _lanes = [.. _lanes, lane];
        }

        return lane;
    }

    /// <summary>Queues one line, its newline included. Takes a lock for the time of a copy: for what is off the data path.</summary>
    /// <returns>False when there was no room and the line is lost.</returns>
    public bool TryWrite(ReadOnlySpan<byte> line)
    {
        lock (_gate)
        {
            return _shared.TryWrite(line);
        }
    }

    /// <summary>Opens the path anew, after logrotate has moved the file away. What is queued goes to the new file.</summary>
    /// <exception cref="IOException">It cannot be opened; lines go on into the old one.</exception>
    public void Reopen()
    {
        if (Path is LogFiles.StandardOutput or LogFiles.StandardError)
        {
            return;
        }

        Interlocked.Exchange(ref _next, Open())?.Dispose();
        Wake(true);
    }

    /// <summary>Waits until what was queued before the call has been written.</summary>
    /// <returns>False when that took longer.</returns>
    public bool Flush(TimeSpan timeout)
    {
        // The round at hand may have passed a queue already; the one after it has not.
        long round = Volatile.Read(ref _rounds) + 2;
        long deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        while (Volatile.Read(ref _rounds) < round)
        {
            if (Environment.TickCount64 >= deadline || !_writer.IsAlive)
            {
                return false;
            }

            Wake(true);
            Thread.Sleep(1);
        }

        return true;
    }

    /// <summary>Writes what is queued, but waits five seconds at most, and closes the file.</summary>
    public void Dispose()
    {
        if (_stop)
        {
            return;
        }

        _stop = true;
        _wake.Set();
        _hurry.Set();
        _writer.Join(s_patience);
    }

    /// <summary>There is something to write. Costs two reads while the writer is awake.</summary>
    /// <param name="hurry">A queue is filling: do not wait for the end of the interval.</param>
    internal void Wake(bool hurry)
    {
        if (Volatile.Read(ref _awake) == 0 && Interlocked.Exchange(ref _awake, 1) == 0)
        {
            _wake.Set();
        }

        if (hurry && Volatile.Read(ref _hurried) == 0 && Interlocked.Exchange(ref _hurried, 1) == 0)
        {
            _hurry.Set();
        }
    }

    /// <summary>Throws what opening a log would throw, as far as it can be known without opening or making anything.</summary>
    /// <param name="path">As in the configuration.</param>
    /// <exception cref="IOException">It could not be opened; the message names it.</exception>
    internal static void RequireWritable(string path)
    {
        string full = LogFiles.Normalize(path);
        if (full is LogFiles.StandardOutput or LogFiles.StandardError)
        {
            return;
        }

        string? problem = PlainFile.KindOf(full) switch
        {
            FileKind.Pipe or FileKind.CharacterDevice => null,
            _ => PlainFile.WhyNotWritable(full, makesFolders: true),
        };
        if (problem is not null)
        {
            throw new IOException($"cannot open the log file {full}: it {problem}");
        }
    }

    private void Run()
    {
        while (!_stop)
        {
            if (WriteAll() > 0)
            {
                _hurry.WaitOne(s_interval);
                Volatile.Write(ref _hurried, 0);
                continue;
            }

            // The flag is put back before the queues are looked at once more, so that no line waits for another to wake the writer.
            // The barrier runs on every core, which spares the loops one of their own after each line.
            Volatile.Write(ref _awake, 0);
            Interlocked.MemoryBarrierProcessWide();
            if (WriteAll() == 0 && !_stop)
            {
                _wake.WaitOne();
                Volatile.Write(ref _hurried, 0);
            }
        }

        WriteAll();
        _stream.Dispose();
        Interlocked.Exchange(ref _next, null)?.Dispose();
    }

    private long WriteAll()
    {
        if (Interlocked.Exchange(ref _next, null) is { } next)
        {
            _stream.Dispose();
            _stream = next;
        }

        long count = 0;
        bool finished = false;
        foreach (LogLane lane in Volatile.Read(ref _lanes))
        {
            count += Drain(lane);
            finished |= lane.IsFinished;
        }

        if (finished)
        {
            Forget();
        }

        Volatile.Write(ref _rounds, _rounds + 1);
        return count;
    }

    private long Drain(LogLane lane)
    {
        if (lane.Written == lane.Taken)
        {
            return 0;
        }

        try
        {
            if (_stream.CanSeek)
            {
                // Somebody may have cut the file (logrotate's copytruncate) or written to it as well.
                _stream.Seek(0, SeekOrigin.End);
            }

            return lane.Drain(_stream);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            Volatile.Write(ref _failures, _failures + 1);
            return 1;
        }
    }

    private void Forget()
    {
        lock (_gate)
        {
            _droppedByClosed += _lanes.Where(static lane => lane.IsFinished).Sum(static lane => lane.Dropped);
            _lanes = [.. _lanes.Where(static lane => !lane.IsFinished)];
        }
    }

    private Stream Open()
    {
        switch (Path)
        {
            case LogFiles.StandardOutput:
                return Console.OpenStandardOutput();
            case LogFiles.StandardError:
                return Console.OpenStandardError();
        }

        try
        {
            if (System.IO.Path.GetDirectoryName(Path) is { Length: > 0 } folder)
            {
                Directory.CreateDirectory(folder);
            }

            switch (PlainFile.KindOf(Path))
            {
                case FileKind.Pipe:
                    // Both ends at once: opening the writer's alone would wait for a reader. Readers may come and go; while none reads, lines are lost.
                    return new FileStream(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
                case FileKind.BlockDevice:
                    throw new IOException("it is a block device");
            }

            // No buffer: a round is one write per queue already.
            return new FileStream(Path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new IOException($"cannot open the log file {Path}: {e.Message}", e);
        }
    }
}
