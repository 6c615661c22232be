using System.Threading.Tasks.Sources;
using Outrider.Filters;

namespace Outrider.Plugins.Modules.Streams;

/// <summary>A stream's request or response as far as a module has stopped it: what it keeps of the body, whether it keeps the head, whether a call of the chain waits for it.</summary>
internal sealed class ModuleDirection(bool isResponse) : IValueTaskSource<FilterAction>
{
    private ManualResetValueTaskSourceCore<FilterAction> _wait;
    private BodyHold? _held;

    /// <summary>Where in its message a call waits.</summary>
    internal enum Place : byte
    {
        Nowhere,
        Headers,
        Body,
        Trailers,
    }

    internal bool IsResponse => isResponse;

    /// <summary>The piece that a body hook is looking at; null outside of one.</summary>
    internal BodyHold? Piece { get; set; }

    /// <summary>Does the chain keep the head back for this filter?</summary>
    internal bool HoldsHead { get; set; }

    /// <summary>Did the message come without a body, so that what is kept of one is what the module made?</summary>
    internal bool HasHeadAlone { get; set; }

    /// <summary>Is the piece that the hook received all that was kept before?</summary>
    internal bool ReceivedHeld { get; set; }

    /// <summary>Where a call of the chain waits for the module.</summary>
    internal Place WaitsAt { get; private set; }

    /// <summary>What the module keeps of the body ("buffered").</summary>
    internal BodyHold Held => _held ??= new();

    internal int HeldLength => _held?.Length ?? 0;

    /// <summary>Lets the chain's call wait.</summary>
    internal ValueTask<FilterAction> Wait(Place place)
    {
        WaitsAt = place;
        _wait.Reset();
        return new(this, _wait.Version);
    }

    /// <summary>Ends the call that waits.</summary>
    internal void Complete(FilterAction action)
    {
        WaitsAt = Place.Nowhere;
        _wait.SetResult(action);
    }

    /// <summary>Keeps the piece at hand.</summary>
    internal void Keep()
    {
        if (Piece is { IsEmpty: false } piece)
        {
            Held.Append(piece.Span);
            piece.Release();
        }
    }

    /// <summary>Puts what was kept in front of the piece at hand.</summary>
    internal void GiveBack(BodyHold piece)
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

    internal void Reset()
    {
        _held?.Release();
        Piece = null;
        HoldsHead = HasHeadAlone = ReceivedHeld = false;
        WaitsAt = Place.Nowhere;
    }

    FilterAction IValueTaskSource<FilterAction>.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<FilterAction>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<FilterAction>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _wait.OnCompleted(continuation, state, token, flags);
}
