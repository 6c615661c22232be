using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Outrider.Envoy.Callbacks;
using Outrider.Envoy.Callouts;
using Outrider.Envoy.Configuration;
using Outrider.Filters;

namespace Outrider.Envoy.Streams;

/// <summary>
/// One HTTP stream as this filter has it: joins Envoy's filter object, the filter, and the two ways through it. It lives on
/// one of Envoy's worker threads; where nothing waited it serves another stream of that worker afterwards.
/// </summary>
/// <remarks>
/// Envoy owns what <see cref="Pointer"/> points to, from <see cref="Begin"/> until <see cref="OnDestroy"/>. Envoy holds this
/// object by a handle that lives as long as the object does, and never uses it after the destroy hook.
/// </remarks>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "The token source is let go of when the stream ends; nobody could dispose a stream.")]
internal sealed partial class EnvoyStream
{
    private readonly Lock _gate = new();
    private readonly EnvoyStreamContext _context;
    private readonly ModuleConfiguration _configuration;
    private GCHandle _handle;
    private nint _pointer;
    private int _worker;
    private StreamFilter? _filter;
    private CancellationTokenSource? _aborted;

    // Hooks and filter calls of this stream that are running, one inside the other.
    private int _depth;
    private int _blocked;
    private StreamCallouts? _callouts;
    private bool _filterFailed, _wasSuspended, _isOver, _isConcluded, _wasAborted, _responded;

    internal EnvoyStream(ModuleConfiguration configuration)
    {
        _configuration = configuration;
        Scheduler = new StreamScheduler(this);
        Request = new RequestPath(this);
        Response = new ResponsePath(this);
        _context = new EnvoyStreamContext(this);
        _handle = GCHandle.Alloc(this);
    }

    /// <summary>What Envoy knows this object by.</summary>
    internal nint Handle => GCHandle.ToIntPtr(_handle);

    /// <summary>Envoy's filter object.</summary>
    /// <exception cref="InvalidOperationException">The stream has ended, or this is not its worker.</exception>
    internal nint Pointer
    {
        get
        {
            nint pointer = Volatile.Read(ref _pointer);
            if (pointer == 0 || _worker != Environment.CurrentManagedThreadId)
            {
                throw NotHere(pointer);
            }

            return pointer;
        }
    }

    internal bool IsOnWorker => _worker == Environment.CurrentManagedThreadId && !_isOver;

    /// <summary>Has Envoy destroyed its side?</summary>
    internal bool IsOver => _isOver;

    /// <summary>Has work done on the stream's worker, later. Any thread.</summary>
    internal void Post(SendOrPostCallback work, object? state) => Scheduler.Post(work, state);

    /// <summary>Where awaits of the filter come back to; its own, like all that it reaches.</summary>
    internal StreamScheduler Scheduler { get; private set; }

    internal RequestPath Request { get; }

    internal ResponsePath Response { get; }

    internal ModuleConfiguration Configuration => _configuration;

    internal string FilterName => _configuration.Name;

    internal StreamFilterMethods Methods => _configuration.Factory.Methods;

    internal ReceiverPhase Phase => _configuration.Factory.Phase;

    internal long Id { get; private set; }

    /// <summary>The filter's own requests.</summary>
    internal StreamCallouts Callouts => _callouts ??= new StreamCallouts(this);

    /// <summary>Was the response made here, by this filter or by Envoy?</summary>
    internal bool IsLocalReply { get; private set; }

    /// <summary>Changes whenever what was read of headers or bodies may have changed.</summary>
    internal long Version { get; private set; }

    internal int BufferLimit => BodyCallbacks.Limit(Pointer) is > 0 and < int.MaxValue and var limit ? (int)limit : int.MaxValue;

    internal EnvoyStream? NextFree { get; set; }

    /// <summary>Cancelled when the stream ends before its time.</summary>
    internal CancellationToken Aborted
    {
        get
        {
            lock (_gate)
            {
                if (_aborted is null)
                {
                    _aborted = new CancellationTokenSource();
                    if (_wasAborted)
                    {
                        _aborted.Cancel();
                    }
                }

                return _aborted.Token;
            }
        }
    }

    /// <summary>Does the client take the response more slowly than it comes?</summary>
    internal bool IsResponseBlocked => _blocked > 0;

    // Most streams never wait, and those who ask on the way to the end need not look further.
    private bool IsWaiting => _wasSuspended && (Request.IsWaiting || Response.IsWaiting || _writer is { IsRunning: true } || _ownReply is { IsWaiting: true });

    /// <summary>The stream of a handle, which Envoy gives back as it got it.</summary>
    internal static EnvoyStream FromHandle(nint handle) => Unsafe.As<EnvoyStream>(GCHandle.FromIntPtr(handle).Target!);

    /// <summary>A stream begins, on the thread that it will live on.</summary>
    internal void Begin(nint pointer, long id)
    {
        _worker = Environment.CurrentManagedThreadId;
        _pointer = pointer;
        Id = id;
        Version++;
    }

    internal void Changed() => Version++;

    /// <summary>The filter has set a message's <c>content-length</c>.</summary>
    internal void OnLengthGiven(bool isResponse) => ((MessagePath)(isResponse ? Response : Request)).OnLengthGiven();

    /// <summary>The response has ended, as far as it comes from before this filter.</summary>
    internal void OnResponded() => _responded = true;

    /// <summary>A hook begins. Each is followed by a <see cref="Leave"/>.</summary>
    internal void Enter()
    {
        _depth++;
        Version++;
    }

    /// <summary>A hook returns.</summary>
    internal void Leave()
    {
        if (--_depth == 0 && _isOver)
        {
            TryConclude();
        }
    }

    /// <summary>Envoy destroys its side: the filter's life ends too, at once or when it has let go of what it waits for.</summary>
    internal void OnDestroy()
    {
        CloseAll();
        _context.EndSpans();
        lock (_gate)
        {
            _isOver = true;
            _pointer = 0;
            _wasAborted = IsWaiting || !_responded;
        }

        Scheduler.End();
        _filter?.Facade?.LeaveThread();
        if (_wasAborted)
        {
            CancelAborted();
        }

        _callouts?.End();
        TryConclude();
    }

    /// <summary>Frees the handle: Envoy has forgotten this object.</summary>
    internal void Dispose()
    {
        if (_handle.IsAllocated)
        {
            _handle.Free();
        }
    }

    private void CancelAborted()
    {
        CancellationTokenSource? source;
        lock (_gate)
        {
            source = _aborted;
        }

        try
        {
            source?.Cancel();
        }
        catch (AggregateException e)
        {
            LogFailure(e);
        }
    }

    /// <summary>Ends the filter's life, once Envoy's side is gone, no hook of the stream is running, and the filter waits for nothing.</summary>
    internal void TryConclude()
    {
        if (_wasSuspended)
        {
            // What the filter waited for may come to its end on another thread at this moment.
            lock (_gate)
            {
                if (!CanConclude())
                {
                    return;
                }

                _isConcluded = true;
            }
        }
        else if (CanConclude())
        {
            _isConcluded = true;
        }
        else
        {
            return;
        }

        bool keep = false;
        if (_filter is { } filter && _context.IsAttached)
        {
            try
            {
                filter.OnDestroy();
                keep = filter.TryReset();
            }
            catch (Exception e)
            {
                LogFailure(e);
            }

            _context.Detach(filter);
        }

        bool wasFresh = _filter is not null && !keep;
        if (!keep)
        {
            _filter = null;
        }

        if (_wasSuspended || _aborted is not null || _callouts is not null || _context.HasSpans || _writer is not null)
        {
            // Somebody may still hold what belonged to this stream: it must find a stream that has ended, not another one.
            Dispose();
            _configuration.OnStreamEnded(null);
            return;
        }

        Renew(wasFresh);
        _configuration.OnStreamEnded(this);
    }

    private bool CanConclude() => _isOver && _depth == 0 && !_isConcluded && !IsWaiting;

    private void Renew(bool forget)
    {
        Request.Reset();
        Response.Reset();
        if (forget)
        {
            // A task that nobody awaited still comes back to the old one, which has ended.
            Scheduler = new StreamScheduler(this);
        }
        else
        {
            Scheduler.Renew();
        }

        _context.Reset();
        _isOver = _isConcluded = _wasAborted = _filterFailed = _responded = false;
        IsLocalReply = false;
        _replyIsTold = false;
        _ownReply?.Reset();
        _blocked = 0;
    }

    private InvalidOperationException NotHere(nint pointer) => new(pointer == 0
        ? $"filter '{FilterName}': the stream has ended; nothing of it can be reached any more (give Stream.Aborted to what you await)"
        : $"filter '{FilterName}': a stream is only to be touched on its own worker thread; an await comes back to it unless it says ConfigureAwait(false)");
}
