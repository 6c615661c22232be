using System.Runtime.InteropServices;
using Outrider.Envoy.Abi;
using Outrider.Envoy.Callbacks;
using Outrider.Envoy.Callouts;
using Outrider.Envoy.Configuration;
using Outrider.Envoy.Logging;
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
internal sealed class EnvoyStream
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
    private StreamingReply? _streaming;
    private OwnReply? _ownReply;
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

    internal StreamScheduler Scheduler { get; }

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

    private bool IsWaiting => Request.IsWaiting || Response.IsWaiting || _streaming is { IsRunning: true } || _ownReply is { IsRunning: true };

    internal static EnvoyStream FromHandle(nint handle) => (EnvoyStream)GCHandle.FromIntPtr(handle).Target!;

    /// <summary>A stream begins, on the thread that it will live on.</summary>
    internal void Begin(nint pointer, long id)
    {
        _worker = Environment.CurrentManagedThreadId;
        _pointer = pointer;
        Id = id;
        Version++;
    }

    internal void Changed() => Version++;

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

    /// <summary>The exchange is over; what Envoy knows of it can still be asked for.</summary>
    internal void OnComplete()
    {
        if ((Methods & StreamFilterMethods.OnLog) == 0 || !EnsureFilter())
        {
            return;
        }

        CallFilter(static filter => filter.OnLog());
    }

    /// <summary>Envoy destroys its side: the filter's life ends too, at once or when it has let go of what it waits for.</summary>
    internal void OnDestroy()
    {
        Request.Close();
        Response.Close();
        _context.EndSpans();
        lock (_gate)
        {
            _isOver = true;
            _pointer = 0;
            _wasAborted = IsWaiting || !_responded;
        }

        Scheduler.End();
        if (_wasAborted)
        {
            CancelAborted();
        }

        _callouts?.End();
        TryConclude();
    }

    /// <summary>Makes the filter, if that has not been done. False: it could not be made, and the stream has failed.</summary>
    internal bool EnsureFilter()
    {
        if (_filter is not null && _context.IsAttached)
        {
            return true;
        }

        if (_filterFailed || _isOver)
        {
            return false;
        }

        try
        {
            _filter ??= _configuration.Factory.CreateFilter();
            _context.Attach(_filter);
            return true;
        }
        catch (Exception e)
        {
            _filterFailed = true;
            Fail(e);
            return false;
        }
    }

    /// <summary>The filter is about to be called. Returns what <see cref="LeaveFilter"/> wants.</summary>
    internal SynchronizationContext? EnterFilter(out StreamFilter filter)
    {
        _depth++;
        filter = _filter ?? throw new InvalidOperationException("the filter was not made");
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(Scheduler);
        return outer;
    }

    internal void LeaveFilter(SynchronizationContext? outer)
    {
        SynchronizationContext.SetSynchronizationContext(outer);
        _depth--;
        if (!_isOver)
        {
            Scheduler.ArmIfPosted(_pointer);
        }
    }

    internal void OnFilterWaits()
    {
        _wasSuspended = true;
        if (!_isOver)
        {
            Scheduler.Arm(_pointer);
        }
    }

    /// <summary>A call that was waited for has ended, with an exception or without. True: the stream still lives, and the call's answer counts.</summary>
    internal bool OnFilterResumed(Exception? failure)
    {
        if (_isOver)
        {
            // Nobody waits for the answer any more, and that the stream could not be reached is no fault of the filter's.
            if (failure is not null && ModuleLog.IsEnabled(LogLevel.Debug))
            {
                ModuleLog.Write(LogLevel.Debug, $"filter '{FilterName}', after its stream had ended: {failure.GetType()}: {failure.Message}");
            }

            TryConclude();
            return false;
        }

        Version++;
        if (failure is not null)
        {
            Fail(failure);
            return false;
        }

        return true;
    }

    /// <summary>The filter threw, or answered what it may not: this stream fails, and no other.</summary>
    internal void Fail(Exception e)
    {
        LogFailure(e);
        if (!_isOver)
        {
            ReplyHere(500, "internal error", "outrider_filter_failed"u8);
        }
    }

    /// <summary>Answers here, past this filter.</summary>
    internal void ReplyHere(int status, string body, ReadOnlySpan<byte> details = default)
    {
        Request.Close();
        Response.Close();
        IsLocalReply = true;
        _responded = true;
        ReplySender.Send(Pointer, status, body, details);
    }

    /// <summary>The filter's own answer.</summary>
    internal void Reply(FilterAction action, bool ofRequest)
    {
        Request.Close();
        IsLocalReply = true;
        if (action.StreamedReply is { } streamed)
        {
            if (!ofRequest)
            {
                Fail(new InvalidOperationException("a response cannot be replaced by one that is written piece by piece"));
                return;
            }

            _streaming = new StreamingReply(this, streamed);
            _streaming.Start();
            return;
        }

        const StreamFilterMethods Encoding = StreamFilterMethods.EncodeHeaders | StreamFilterMethods.EncodeData;
        if (ofRequest && (Methods & Encoding) != 0)
        {
            _ownReply = new OwnReply(this, action);
            CallFilter(_ownReply.Start);
            return;
        }

        Response.Close();
        _responded = true;
        ReplySender.Send(Pointer, action);
    }

    /// <summary>The filter wants the stream to end without an answer.</summary>
    internal void Terminate()
    {
        Request.Close();
        Response.Close();
        StreamCallbacks.Reset(Pointer, "terminated by a filter"u8);
    }

    /// <summary>Envoy, or a filter, is about to answer in the place of the upstream. False: the stream is to end without an answer.</summary>
    internal bool OnLocalReply(int status, ReadOnlySpan<byte> details)
    {
        IsLocalReply = true;
        return (Methods & StreamFilterMethods.OnLocalReply) == 0 || _filterFailed || !EnsureFilter() || AskFilter(status, System.Text.Encoding.UTF8.GetString(details));
    }

    /// <summary>The client takes the response more slowly than it comes.</summary>
    internal void OnResponseBlocked()
    {
        if (_blocked++ == 0 && (Methods & StreamFilterMethods.OnFlow) != 0 && EnsureFilter())
        {
            CallFilter(static filter => filter.OnResponseBlocked());
        }
    }

    /// <summary>The client has caught up.</summary>
    internal void OnResponseUnblocked()
    {
        if (_blocked == 0 || --_blocked > 0)
        {
            return;
        }

        _streaming?.Writer.OnUnblocked();
        if ((Methods & StreamFilterMethods.OnFlow) != 0 && EnsureFilter())
        {
            CallFilter(static filter => filter.OnResponseUnblocked());
        }
    }

    internal void LogFailure(Exception e) => ModuleLog.Error($"filter '{FilterName}': {e}");

    /// <summary>Frees the handle: Envoy has forgotten this object.</summary>
    internal void Dispose()
    {
        if (_handle.IsAllocated)
        {
            _handle.Free();
        }
    }

    // Apart, because what a lambda captures costs an allocation wherever its method begins.
    private bool AskFilter(int status, string details)
    {
        bool send = true;
        CallFilter(filter => send = filter.OnLocalReply(status, details));
        return send;
    }

    /// <summary>Calls what is only told to the filter: that it throws changes nothing.</summary>
    private void CallFilter(Action<StreamFilter> call)
    {
        try
        {
            var outer = EnterFilter(out var filter);
            try
            {
                call(filter);
            }
            finally
            {
                LeaveFilter(outer);
            }
        }
        catch (Exception e)
        {
            LogFailure(e);
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
        lock (_gate)
        {
            if (!_isOver || _depth > 0 || IsWaiting || _isConcluded)
            {
                return;
            }

            _isConcluded = true;
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

        if (!keep)
        {
            _filter = null;
        }

        if (_wasSuspended || _aborted is not null || _callouts is not null || _context.HasSpans || _streaming is not null)
        {
            // Somebody may still hold what belonged to this stream: it must find a stream that has ended, not another one.
            Dispose();
            _configuration.OnStreamEnded(null);
            return;
        }

        Renew();
        _configuration.OnStreamEnded(this);
    }

    private void Renew()
    {
        Request.Reset();
        Response.Reset();
        Scheduler.Renew();
        _context.Reset();
        _isOver = _isConcluded = _wasAborted = _filterFailed = _responded = false;
        IsLocalReply = false;
        _ownReply = null;
        _blocked = 0;
    }

    private InvalidOperationException NotHere(nint pointer) => new(pointer == 0
        ? $"filter '{FilterName}': the stream has ended; nothing of it can be reached any more (give Stream.Aborted to what you await)"
        : $"filter '{FilterName}': a stream is only to be touched on its own worker thread; an await comes back to it unless it says ConfigureAwait(false)");
}
