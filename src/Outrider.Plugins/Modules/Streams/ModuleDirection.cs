using System.Threading.Tasks.Sources;
using Outrider.Filters;
using Outrider.Modules.Abi;

namespace Outrider.Plugins.Modules.Streams;

/// <summary>
/// A stream's request or response as far as a module has stopped it: what it keeps of the body, whether it keeps the head, whether a call of the chain waits for
/// it; and what the chain is answered for what the module says. On the stream's loop.
/// </summary>
/// <param name="isResponse">Which of both.</param>
/// <param name="effects">What the module has asked for besides: a message that it let go on in its hook is not stopped by what the hook returned.</param>
internal sealed class ModuleDirection(bool isResponse, ModuleEffects effects) : IValueTaskSource<FilterAction>
{
    private ManualResetValueTaskSourceCore<FilterAction> _wait;
    private BodyHold? _held;
    private Place _waitsAt;

    // Does the chain keep the head back for this filter? Did the message come without a body, so that what is kept of one is what the module made?
    private bool _holdsHead, _hasHeadAlone;

    /// <summary>Where in its message a call waits.</summary>
    private enum Place : byte
    {
        Nowhere,
        Headers,
        Body,
        Trailers,
    }

    internal bool IsResponse => isResponse;

    /// <summary>The piece that a body hook is looking at; null outside of one.</summary>
    internal BodyHold? Piece { get; private set; }

    /// <summary>Is the piece that the hook received all that was kept before?</summary>
    internal bool ReceivedHeld { get; private set; }

    /// <summary>Does a call of the chain wait for the module?</summary>
    internal bool IsWaiting => _waitsAt != Place.Nowhere;

    /// <summary>What the module keeps of the body ("buffered").</summary>
    internal BodyHold Held => _held ??= new();

    internal int HeldLength => _held?.Length ?? 0;

    /// <summary>The head has come.</summary>
    internal void ReceiveHead(bool endStream) => _hasHeadAlone = endStream;

    /// <summary>What the chain is answered when the hook for the head has returned.</summary>
    internal ValueTask<FilterAction> AfterHeaders(HeadersStatus status, bool seesBody)
    {
        bool asked = effects.TakeContinue(isResponse);
        if (asked || status is HeadersStatus.Continue or HeadersStatus.ContinueAndDontEndStream)
        {
            return PassHead();
        }

        if (status == HeadersStatus.StopIteration && seesBody && !_hasHeadAlone)
        {
            _holdsHead = true;
            return FilterAction.Hold;
        }

        return Wait(Place.Headers);
    }

    /// <summary>A piece of the body has come; it is at hand until <see cref="AfterBody"/> or <see cref="LeavePiece"/>.</summary>
    internal void ReceivePiece(BodyHold data, bool endStream)
    {
        Piece = data;
        ReceivedHeld = endStream && HeldLength > 0;
        if (ReceivedHeld)
        {
            // As Envoy has it: the last piece is with the others when the module is told of it.
            Keep();
        }
    }

    /// <summary>What the chain is answered when the hook for the piece has returned.</summary>
    /// <param name="status">What it returned.</param>
    /// <param name="endStream">Was the piece the last?</param>
    /// <param name="limit">How many bytes the module may keep.</param>
    /// <param name="isTooLarge">It wants to keep more: nothing is kept any more, and there is no answer.</param>
    internal ValueTask<FilterAction> AfterBody(DataStatus status, bool endStream, long limit, out bool isTooLarge)
    {
        isTooLarge = false;
        var data = Piece!;
        bool asked = effects.TakeContinue(isResponse);
        if (asked || status == DataStatus.Continue)
        {
            GiveBack(data);
            Piece = null;
            return GoOn();
        }

        if (status == DataStatus.StopIterationNoBuffer)
        {
            data.Release();
        }
        else
        {
            Keep();
        }

        bool full = HeldLength > limit;
        isTooLarge = full && status == DataStatus.StopIterationAndBuffer;
        if (isTooLarge)
        {
            Piece = null;
            Held.Release();
            return default;
        }

        if (endStream || full)
        {
            // Nothing more comes until the module has said so; the piece stays, for what it will let go.
            return Wait(Place.Body);
        }

        Piece = null;
        return FilterAction.Continue;
    }

    /// <summary>The piece at hand is not looked at any more.</summary>
    internal void LeavePiece() => Piece = null;

    /// <summary>What the chain is answered when the hook for the trailers has returned.</summary>
    internal ValueTask<FilterAction> AfterTrailers(TrailersStatus status)
    {
        bool asked = effects.TakeContinue(isResponse);
        return asked || status == TrailersStatus.Continue ? GoOn(beforeTrailers: true) : Wait(Place.Trailers);
    }

    /// <summary>The module lets the message go on, later: ends the call that waits, which may end the stream. True: none waits, and the chain is to let go of what it and the module keep.</summary>
    /// <param name="clearRoute">Is the route to be matched again then?</param>
    internal bool Continue(out bool clearRoute)
    {
        clearRoute = false;
        switch (_waitsAt)
        {
            case Place.Headers:
                Complete(PassHead());
                return false;
            case Place.Body:
                GiveBack(Piece!);
                Piece = null;
                Complete(GoOn());
                return false;
            case Place.Trailers:
                Complete(GoOn(beforeTrailers: true));
                return false;
        }

        if (!_holdsHead && HeldLength == 0)
        {
            return false;
        }

        clearRoute = _holdsHead && effects.TakeClearRoute();
        _holdsHead = false;
        return true;
    }

    /// <summary>Ends the call that waits.</summary>
    internal void Complete(FilterAction action)
    {
        _waitsAt = Place.Nowhere;
        _wait.SetResult(action);
    }

    /// <summary>Ends the call that waits, if one does.</summary>
    internal void CompleteIfWaiting(FilterAction action)
    {
        if (IsWaiting)
        {
            Complete(action);
        }
    }

    /// <summary>Hands over what the module keeps of the body.</summary>
    internal void TakeHeld(BodyHold destination)
    {
        if (HeldLength > 0)
        {
            destination.Append(Held.Span);
            Held.Release();
        }
    }

    internal void Reset()
    {
        _held?.Release();
        Piece = null;
        _holdsHead = _hasHeadAlone = ReceivedHeld = false;
        _waitsAt = Place.Nowhere;
    }

    private ValueTask<FilterAction> Wait(Place place)
    {
        _waitsAt = place;
        _wait.Reset();
        return new(this, _wait.Version);
    }

    // Keeps the piece at hand.
    private void Keep()
    {
        if (Piece is { IsEmpty: false } piece)
        {
            Held.Append(piece.Span);
            piece.Release();
        }
    }

    // Puts what was kept in front of the piece at hand.
    private void GiveBack(BodyHold piece)
    {
        if (HeldLength == 0)
        {
            return;
        }

        Held.Append(piece.Span);
        piece.Release();
        piece.Append(Held.Span);
        Held.Release();
    }

    // The module lets the head go on, with the body that it made where none came.
    private FilterAction PassHead()
        => effects.TakeClearRoute() && !isResponse ? FilterAction.ReMatchRoute
            : _hasHeadAlone && HeldLength > 0 ? FilterAction.Release
            : FilterAction.Continue;

    // The module lets its message go on.
    private FilterAction GoOn(bool beforeTrailers = false)
    {
        bool held = _holdsHead;
        _holdsHead = false;
        if (!held)
        {
            return beforeTrailers && HeldLength > 0 ? FilterAction.Release : FilterAction.Continue;
        }

        return effects.TakeClearRoute() && !isResponse ? FilterAction.ReMatchRoute : FilterAction.Release;
    }

    FilterAction IValueTaskSource<FilterAction>.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<FilterAction>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<FilterAction>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _wait.OnCompleted(continuation, state, token, flags);
}
