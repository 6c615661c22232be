using System.Diagnostics;
using Outrider.Net.Addresses;
using Outrider.Net.Buffers;
using Outrider.Net.Timers;

namespace Outrider.Net.Loops;

/// <summary>
/// One thread that waits for events and serves them: its connections, their timers, buffers and whatever hangs on them
/// belong to it alone, so nothing on the data path takes a lock. Other threads come in by <see cref="Post"/>.
/// </summary>
public sealed unsafe class EventLoop : IDisposable
{
    /// <summary>The addresses of this machine that the loop's connections have.</summary>
    internal OwnAddresses OwnAddresses { get; } = new();

    /// <summary>The largest single read: big enough that a large body costs few system calls, small enough to stay in the cache.</summary>
    public const int ReceiveBufferSize = 64 * 1024;

    // What many streams of a connection write in one batch of events leaves together, but not later than after this: 1 ms.
    private static readonly long s_longBatch = Stopwatch.Frequency / 1000;

    [ThreadStatic]
    private static EventLoop? t_current;

    private readonly EpollPoller _poller = new();
    private readonly EventBatch _batch;
    private readonly WakeUp _wakeUp = new();
    private readonly TimerWheel _timers;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConnectionTurns _turns;
    private readonly PostedWork _posted;
    private readonly LoopBuffers _buffers = new(ReceiveBufferSize);
    private volatile bool _stop;
    private bool _disposed;
    private bool _isBusy;
    private long _callbacks;
    private long _gatheredSince;

    /// <summary>Makes a loop; <see cref="Start"/> lets it run.</summary>
    /// <param name="index">Its number, from 0: loops keep their own share of counters and pools under it.</param>
    /// <param name="name">Its thread's name; by default its number.</param>
    public EventLoop(int index, string? name = null)
    {
        Index = index;
        _batch = new EventBatch(_poller);
        Now = Environment.TickCount64;
        _timers = new TimerWheel(Now, OnTimerFailed);
        WaitingConnects = new WaitingConnects(this);
        _turns = new ConnectionTurns(this);
        _posted = new PostedWork(this);
        _poller.Add(_wakeUp, Interop.Constants.EPOLLIN);
        _thread = new Thread(Run) { Name = name ?? $"loop-{index}", IsBackground = true };
    }

    /// <summary>The loop whose thread this is, or null.</summary>
    public static EventLoop? Current => t_current;

    /// <summary>This loop's number.</summary>
    public int Index { get; }

    /// <summary>Is this code running on the loop's thread?</summary>
    public bool IsCurrent => t_current == this;

    /// <summary>Milliseconds since the machine started, as of the batch of events at hand.</summary>
    public long Now { get; private set; }

    /// <summary>
    /// <see cref="Stopwatch.GetTimestamp"/> as of the batch of events at hand: since then what it brought has been waiting,
    /// so a time that counts from here is what the peer sees.
    /// </summary>
    public long Timestamp { get; private set; }

    /// <summary>
    /// Did the loop ask the kernel for events within the last 5 ms? If not, a connection at rest may have something to tell that
    /// nobody knows of yet.
    /// </summary>
    public bool HasLookedLately => _batch.HasLookedLately;

    /// <summary>
    /// Makes <see cref="HasLookedLately"/> true, where it can: asks the kernel once for all connections, and each that has something to tell
    /// knows so (<see cref="Transports.Transport.HasUnread"/>, <see cref="Transports.Transport.IsPeerShutdown"/>) though nobody has been told yet. On the loop.
    /// </summary>
    /// <returns>False: the batch at hand is full, and nobody looked.</returns>
    public bool LookIfStale() => _batch.HasLookedLately || _batch.LookAndShow();

    /// <summary>
    /// Milliseconds that what has arrived may wait in the loop before it is late (<see cref="IsLate"/>); 0, the default: nothing is ever late. Any thread.
    /// </summary>
    public int MaxDelay
    {
        get => _batch.Pressure.MaxDelay;
        set => _batch.Pressure.MaxDelay = value;
    }

    /// <summary>
    /// Has the loop had more to do than it can for a second (never nothing, after half of <see cref="MaxDelay"/>), and does what it serves
    /// now wait for longer than <see cref="MaxDelay"/>? A new request is better refused then than begun. On the loop.
    /// </summary>
    public bool IsLate => _batch.Pressure.MayBeLate && _batch.Pressure.IsLate(Environment.TickCount64);

    /// <summary>Called with whatever an event handler threw; the loop goes on. Set it before <see cref="Start"/>.</summary>
    public Action<Exception>? UnhandledException { get; set; }

    /// <summary>
    /// Called with true when a connection that is to be made has to wait because the process is short of descriptors, and with false again
    /// while it lasts: whoever can close something does. On the loop. Set it before <see cref="Start"/>.
    /// </summary>
    public Action<bool>? OutOfDescriptors { get; set; }

    /// <summary>How many connections that are to be made wait for a descriptor. On the loop.</summary>
    public int ConnectsWaiting => WaitingConnects.Count;

    /// <summary>What the loop is doing, for the watchdog: a filter's name while it runs. Any object; written on the loop, read anywhere.</summary>
    public object? Activity { get; set; }

    /// <summary>Is the loop serving something, and not waiting for events? Any thread.</summary>
    public bool IsBusy => Volatile.Read(ref _isBusy);

    /// <summary>
    /// How many call-backs have begun. While the loop <see cref="IsBusy"/> and this stays the same, one and the same call-back
    /// runs. Any thread; counting costs no look at a clock.
    /// </summary>
    public long CallbackCount => Volatile.Read(ref _callbacks) + _timers.FiredCount;

    /// <summary>Completes when the loop's thread has ended.</summary>
    public Task Stopped => _stopped.Task;

    /// <summary>The pipes through which the loop's connections may pass bytes on without taking them into the process.</summary>
    public PipePool Pipes => _buffers.Pipes;

    internal byte* ReceiveBuffer => _buffers.Receive;

    /// <summary>Where TLS decrypts to; lent to a codec for the length of a call, as <see cref="ReceiveBuffer"/> is. Made when it is first needed.</summary>
    internal byte[] DecryptBuffer => _buffers.Decrypt;

    internal BorrowedBytes Borrowed => _buffers.Borrowed;

    internal SegmentPool Segments => _buffers.Segments;

    internal EpollPoller Poller => _poller;

    /// <summary>What layers above keep here (<see cref="LoopLocal{T}"/>).</summary>
    internal object?[] Locals { get; set; } = [];

    internal WaitingConnects WaitingConnects { get; }

    /// <inheritdoc cref="ConnectionTurns.Flush"/>
    internal void Flush(LoopHandle connection) => _turns.Flush(connection);

    /// <inheritdoc cref="ConnectionTurns.FlushWithBatch"/>
    internal void FlushWithBatch(LoopHandle connection) => _turns.FlushWithBatch(connection);

    /// <inheritdoc cref="ConnectionTurns.ReadLater"/>
    internal void ReadLater(LoopHandle connection) => _turns.ReadLater(connection);

    /// <inheritdoc cref="ConnectionTurns.RunFlushes"/>
    internal void RunFlushes() => _turns.RunFlushes();

    /// <summary>A call-back begins.</summary>
    internal void CountCallback() => _callbacks++;

    /// <summary>Starts the thread. Once.</summary>
    public void Start() => _thread.Start();

    /// <summary>Lets the loop end after the batch at hand and what was posted before. Connections that are open stay open and unserved: close them first.</summary>
    public void Stop()
    {
        _stop = true;
        _wakeUp.Signal();
    }

    /// <summary>Runs <paramref name="callback"/> on the loop, soon. Any thread; from the loop itself it runs after the events at hand.</summary>
    public void Post(SendOrPostCallback callback, object? state)
    {
        _posted.Add(callback, state);
        if (!IsCurrent)
        {
            _wakeUp.Signal();
        }
    }

    /// <summary>Runs <paramref name="action"/> on the loop and completes when it has. Any thread but a loop's.</summary>
    public Task InvokeAsync(Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(_ =>
        {
            try
            {
                action();
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        }, null);
        return done.Task;
    }

    /// <summary>Sets a timer to <paramref name="delay"/> milliseconds from now. On the loop.</summary>
    public void Arm(LoopTimer timer, long delay) => _timers.Arm(timer, Now + delay);

    /// <summary>Forgets the timer's deadline. On the loop.</summary>
    public static void Disarm(LoopTimer timer)
    {
        ArgumentNullException.ThrowIfNull(timer);
        TimerWheel.Disarm(timer);
    }

    /// <summary>Forgets the timer itself, for one whose owner goes away. On the loop.</summary>
    public void Remove(LoopTimer timer)
    {
        ArgumentNullException.ThrowIfNull(timer);
        _timers.Remove(timer);
    }

    private void Run()
    {
        t_current = this;
        SynchronizationContext.SetSynchronizationContext(new LoopSynchronizationContext(this));
        try
        {
            while (!_stop)
            {
                RunOnce();
            }

            // Whoever posted before it stopped the loop may count on it.
            _posted.Run();
            _stopped.SetResult();
        }
        catch (Exception e)
        {
            Report(e);
            _stopped.SetException(e);
        }
    }

    private void RunOnce()
    {
        long ended = Environment.TickCount64;
        int timeout = _turns.HasReady || !_posted.IsEmpty ? 0 : _timers.NextDue(ended);
        bool isQueueing = _batch.Pressure.IsLong(ended - Now) && HasWork(timeout);
        if (!isQueueing)
        {
            _batch.Wait(timeout);
        }

        long now = Environment.TickCount64;
        Now = now;
        Timestamp = _gatheredSince = _batch.LookedAt;
        _batch.Pressure.Begin(Timestamp);
        if (!isQueueing)
        {
            _batch.Pressure.OnCalm(now);
        }

        Volatile.Write(ref _isBusy, true);
        ServeBatch();
        if (_turns.HasReady)
        {
            _turns.RunReady();
        }

        if (!_posted.IsEmpty)
        {
            _posted.Run();
        }

        _timers.Advance(now);
        RunFlushes();
        _turns.RunBatchFlushes();
        while (_batch.HasMore)
        {
            // Somebody looked again after the events had had their turn.
            ServeBatch();
            _turns.RunBatchFlushes();
        }

        Volatile.Write(ref _isBusy, false);
    }

    // After a long turn: whether something waits already is what tells a queue from a call-back that took its time.
    private bool HasWork(int timeout)
    {
        _batch.Wait(0);
        return timeout == 0 || _batch.HasMore;
    }

    private void ServeBatch()
    {
        while (_batch.HasMore)
        {
            if (_batch.BeginsTurn())
            {
                _batch.Pressure.Begin(Stopwatch.GetTimestamp());
            }

            ServeFirst();
            if (_batch.IsLookDue && _batch.LookAgain())
            {
                ServeFirst();
                if (_batch.LookedAt - _gatheredSince > s_longBatch)
                {
                    _gatheredSince = _batch.LookedAt;
                    _turns.RunBatchFlushes();
                }
            }

            if (_batch.Take(out uint events) is { } handle)
            {
                Serve(handle, events);
            }
        }
    }

    private void ServeFirst()
    {
        while (_batch.TakeFirst(out uint events) is { } handle)
        {
            Serve(handle, events);
        }
    }

    private void Serve(LoopHandle handle, uint events)
    {
        _callbacks++;
        try
        {
            handle.OnEvents(events);
        }
        catch (Exception e)
        {
            Report(e);
            handle.OnFailure();
        }

        RunFlushes();
    }

    private void OnTimerFailed(LoopTimer timer, Exception e)
    {
        Report(e);
        (timer as LoopHandle)?.OnFailure();
    }

    internal void Report(Exception e)
    {
        if (UnhandledException is { } handler)
        {
            handler(e);
        }
        else
        {
            Debug.WriteLine(e);
        }
    }

    /// <summary>Frees the loop's descriptors and memory. After <see cref="Stopped"/>; once more does nothing.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _poller.Dispose();
        _wakeUp.Dispose();
        _buffers.Dispose();
    }
}
