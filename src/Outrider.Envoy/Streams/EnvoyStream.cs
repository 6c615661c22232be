using System.Runtime.CompilerServices;
using Outrider.Envoy.Callbacks;
using Outrider.Envoy.Callouts;
using Outrider.Envoy.Configuration;
using Outrider.Envoy.Links;
using Outrider.Envoy.Logging;
using Outrider.Filters;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Streams;

/// <summary>
/// One HTTP stream as this filter has it: joins Envoy's filter object, the filter, and the two ways through it. It lives on
/// one of Envoy's worker threads; where nothing waited it serves another stream of that worker afterwards.
/// </summary>
/// <remarks>
/// Envoy holds this object by a <see cref="StreamCell"/>, its own, or one that is lent to it for one stream, and never uses it after the destroy hook.
/// </remarks>
internal sealed unsafe class EnvoyStream
{
    private readonly StreamGate _gate = new();
    private readonly ConfiguredStreams _owner;
    private readonly WorkerPool _pool;
    private readonly EnvoyStreamContext _context;

    // Its own, and the one that Envoy has.
    private StreamCell* _own;
    private StreamCell* _cell;

    // Hooks and filter calls of this stream that are running, one inside the other.
    private int _depth;

    // How often Envoy has said that the client does not keep up, without taking it back.
    private int _blocked;
    private StreamCallouts? _callouts;
    private bool _wasSuspended, _isConcluded, _responded, _isAskedToEnd;

    internal EnvoyStream(ConfiguredStreams owner, WorkerPool pool)
    {
        _owner = owner;
        _pool = pool;
        Methods = owner.Configuration.Factory.Methods;
        Link = new EnvoyLink(owner.Configuration.Name);
        Scheduler = new StreamScheduler(Link, _gate);
        RequestSide = new RequestSide(Link);
        ResponseSide = new ResponseSide(Link, RequestSide.Headers);
        Request = new MessagePath(this, RequestSide);
        Response = new MessagePath(this, ResponseSide);
        Replies = new FilterReplies(this);
        _context = new EnvoyStreamContext(this);
        Filter = new FilterInstance(this, _context);
        _cell = _own = StreamCell.New(this);
        owner.Roster?.Add(this);
    }

    /// <summary>What Envoy knows this object by.</summary>
    internal nint Handle => (nint)_cell;

    /// <summary>Envoy's filter object.</summary>
    internal EnvoyLink Link { get; }

    /// <summary>Where awaits of the filter come back to; its own, like all that it reaches.</summary>
    internal StreamScheduler Scheduler { get; private set; }

    internal FilterInstance Filter { get; }

    internal RequestSide RequestSide { get; }

    internal ResponseSide ResponseSide { get; }

    internal MessagePath Request { get; }

    internal MessagePath Response { get; }

    internal FilterReplies Replies { get; }

    internal ModuleConfiguration Configuration => _owner.Configuration;

    /// <summary>What the filter wants to be called for.</summary>
    internal StreamFilterMethods Methods { get; }

    internal ReceiverPhase Phase => Configuration.Factory.Phase;

    /// <summary>The filter's own requests.</summary>
    internal StreamCallouts Callouts => _callouts ??= new StreamCallouts(Link);

    internal int BufferLimit => BodyCallbacks.Limit(Link.Here) is > 0 and < int.MaxValue and var limit ? (int)limit : int.MaxValue;

    internal EnvoyStream? NextFree { get; set; }

    /// <summary>The roster's own.</summary>
    internal int RosterPlace { get; set; }

    /// <summary>Does the client take the response more slowly than it comes?</summary>
    internal bool IsResponseBlocked => _blocked > 0;

    // Most streams never wait, and those who ask on the way to the end need not look further.
    private bool IsWaiting => _wasSuspended && (Request.IsWaiting || Response.IsWaiting || Replies.IsWaiting);

    /// <summary>What a handle leads to; it may be written to on the stream's worker.</summary>
    internal static ref StreamCell CellOf(nint handle) => ref *(StreamCell*)handle;

    /// <summary>The stream of a handle, which Envoy gives back as it got it.</summary>
    internal static EnvoyStream FromHandle(nint handle) => Unsafe.As<EnvoyStream>(((StreamCell*)handle)->Target);

    /// <summary>A stream begins, on the thread that it will live on.</summary>
    /// <param name="pointer">Envoy's filter object.</param>
    /// <param name="cell">What Envoy holds of the stream, until the stream's end; null for its own.</param>
    internal void Begin(nint pointer, StreamCell* cell)
    {
        if (cell != null)
        {
            _own->Lend(cell);
            _cell = cell;
        }

        Link.Begin(pointer, _pool.NextId(), _pool.Worker);
        // What a host that leaves out the response's end still tells is asked for then.
        _cell->Begin((Methods & StreamFilterMethods.OnLog) == 0 && !Configuration.IsResponseEndUnseen ? HookSkips.Complete : HookSkips.None);
    }

    /// <summary>A head has passed, and nothing that follows it concerns anybody here: Envoy need not show it.</summary>
    internal void SkipRest(bool ofResponse) => _cell->Skips |= Rest(ofResponse);

    /// <summary>What follows is to be shown again.</summary>
    internal void SeeRest(bool ofResponse) => _cell->Skips &= ~Rest(ofResponse);

    /// <summary>Has work done on the stream's worker, later. Any thread.</summary>
    internal void Post(SendOrPostCallback work, object? state) => Scheduler.Post(work, state);

    /// <summary>The code that it began with is too old: it is to end on its worker, soon. Any thread. True: that is new, and it has not ended.</summary>
    internal bool AskForEnd()
    {
        using (_gate.Enter())
        {
            // Envoy's object is there as long as the gate is held: an end that comes now waits for it.
            if (_isAskedToEnd || !Link.TryHold(out nint pointer))
            {
                return false;
            }

            _isAskedToEnd = true;
            Scheduler.Post(static stream => ((EnvoyStream)stream!).EndAsTooOld(), this);
            Scheduler.Arm(pointer);
            return true;
        }
    }

    /// <summary>The response has ended, as far as it comes from before this filter.</summary>
    internal void OnResponded() => _responded = true;

    /// <summary>A hook begins. Each is followed by a <see cref="Leave"/>.</summary>
    internal void Enter()
    {
        _depth++;
        Link.Changed();
    }

    /// <summary>A hook returns.</summary>
    internal void Leave()
    {
        if (--_depth == 0 && Link.IsOver)
        {
            TryConclude();
        }
    }

    /// <summary>The filter is called.</summary>
    internal void OnCallBegins() => _depth++;

    /// <summary>The filter's method has returned, done or not.</summary>
    internal void OnCallReturned()
    {
        _depth--;
        if (!Link.IsOver)
        {
            Scheduler.ArmIfPosted(Link.Here);
        }
    }

    /// <summary>A call into the filter has not ended with its return.</summary>
    internal void OnFilterWaits()
    {
        if (!_wasSuspended)
        {
            _wasSuspended = true;
            _owner.Part(_pool);
        }

        if (!Link.IsOver)
        {
            Scheduler.Arm(Link.Here);
        }
    }

    /// <summary>A call that was waited for has ended, with an exception or without. True: the stream still lives, and that counts.</summary>
    internal bool OnFilterResumed(Exception? failure)
    {
        if (Link.IsOver)
        {
            // Nobody waits for the answer any more, and that the stream could not be reached is no fault of the filter's.
            if (failure is not null && ModuleLog.IsEnabled(LogLevel.Debug))
            {
                ModuleLog.Write(LogLevel.Debug, $"filter '{Link.FilterName}', after its stream had ended: {failure.GetType()}: {failure.Message}");
            }

            TryConclude();
            return false;
        }

        Link.Changed();
        return true;
    }

    /// <summary>The client takes the response more slowly than it comes.</summary>
    internal void OnResponseBlocked()
    {
        if (_blocked++ == 0 && (Methods & StreamFilterMethods.OnFlow) != 0 && Filter.Ensure())
        {
            Filter.Tell(static filter => filter.OnResponseBlocked());
        }
    }

    /// <summary>The client has caught up.</summary>
    internal void OnResponseUnblocked()
    {
        if (_blocked == 0 || --_blocked > 0)
        {
            return;
        }

        Replies.OnClientReady();
        if ((Methods & StreamFilterMethods.OnFlow) != 0 && Filter.Ensure())
        {
            Filter.Tell(static filter => filter.OnResponseUnblocked());
        }
    }

    /// <summary>The exchange is over; what Envoy knows of it can still be asked for.</summary>
    internal void OnComplete()
    {
        if (Configuration.IsResponseEndUnseen)
        {
            // Only who has the token needs to know whether the client had all of it.
            _responded |= !Link.IsAbortedHeld || !AttributeCallbacks.TryGetNumber(Link.Pointer, AttributeId.ResponseFlags, out ulong flags) || flags == 0;
        }

        if ((Methods & StreamFilterMethods.OnLog) != 0 && Filter.Ensure())
        {
            Filter.Tell(static filter => filter.OnLog());
        }
    }

    /// <summary>Nothing of the exchange goes on from here.</summary>
    internal void Close()
    {
        Request.Close();
        Response.Close();
        Replies.Close();
    }

    /// <summary>Envoy destroys its side: the filter's life ends too, at once or when it has let go of what it waits for.</summary>
    internal void OnDestroy()
    {
        _responded |= _cell->IsResponseOver;
        // Most streams end with nothing under way that could go on: what is made ready for the next one then need not be closed before.
        if (_depth > 0 || _wasSuspended || Replies.IsOfFilter)
        {
            Close();
        }

        // A cell that was lent goes back to its owner with this.
        _cell = _own;
        _context.EndSpans();
        Link.End(early: IsWaiting || !_responded);
        Scheduler.Close();
        if (_gate.IsUsed && Scheduler.End())
        {
            Scheduler.DrainElsewhere();
        }

        Filter.LeaveThread();
        if (Link.IsAbortedHeld)
        {
            TellAborted();
        }

        _callouts?.End();
        TryConclude();
    }

    /// <summary>Frees the handle: Envoy has forgotten this object.</summary>
    internal void Dispose()
    {
        if (_own != null)
        {
            StreamCell.Free(_own);
            _cell = _own = null;
            _owner.Roster?.Remove(this);
        }
    }

    /// <summary>Ends the filter's life, once Envoy's side is gone, no hook of the stream is running, and the filter waits for nothing.</summary>
    internal void TryConclude()
    {
        if (_wasSuspended ? ConcludeOnce() : CanConclude())
        {
            Conclude();
        }
    }

    private static HookSkips Rest(bool ofResponse) => ofResponse ? HookSkips.ResponseRest : HookSkips.RequestRest;

    // What the filter waited for may come to its end on another thread at this moment: one of both sees that it is the last.
    private bool ConcludeOnce()
    {
        using (_gate.Enter())
        {
            return CanConclude() && (_isConcluded = true);
        }
    }

    private void TellAborted()
    {
        try
        {
            Link.TellAborted();
        }
        catch (AggregateException e)
        {
            Filter.LogFailure(e);
        }
    }

    private void Conclude()
    {
        _isConcluded = true;
        bool forget = Filter.End();
        if (_wasSuspended || Link.IsAbortedHeld || _callouts is not null || _context.HasSpans || Replies.IsWriterHeld)
        {
            // Somebody may still hold what belonged to this stream: it must find a stream that has ended, not another one.
            Dispose();
            if (_wasSuspended)
            {
                _owner.Release();
            }
            else
            {
                _owner.Release(_pool);
            }

            return;
        }

        Renew(forget);
        _pool.Return(this);
        _owner.Release(_pool);
    }

    private void EndAsTooOld()
    {
        // It may have ended meanwhile; then this comes on another thread.
        if (Link.IsOnWorker)
        {
            Replies.End("the version of its filter is too old"u8);
        }
    }

    private bool CanConclude() => Link.IsOver && _depth == 0 && !_isConcluded && !IsWaiting;

    private void Renew(bool forget)
    {
        Request.Reset();
        Response.Reset();
        Replies.Reset();
        Filter.Reset();
        if (forget)
        {
            // A task that nobody awaited still comes back to the old one, which has ended.
            Scheduler = new StreamScheduler(Link, _gate);
        }
        else
        {
            Scheduler.Renew();
        }

        _context.Reset();
        Link.Reset();
        _isConcluded = _responded = false;
        _blocked = 0;
    }
}
