using Outrider.Filters;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>What of a message is here, and which filter waits for more of it. Lives, and is used again, with its way.</summary>
internal sealed class MessageState
{
    // Most streams need none, and a hold that was never made is one object less to touch.
    private BodyHold? _piece;
    private BodyHold? _whole;
    private BodyHold? _added;

    /// <summary>Has the whole message arrived?</summary>
    internal bool HasEnded { get; set; }

    /// <summary>Have trailers come?</summary>
    internal bool HasTrailers { get; set; }

    /// <summary>Do no filters see the message, because one of them has failed with it?</summary>
    internal bool PassBy { get; set; }

    /// <summary>Does nothing go on from here?</summary>
    internal bool IsClosed { get; set; }

    /// <summary>The place of the filter that waits for the whole message or keeps it to itself; −1 for none.</summary>
    internal int Collector { get; set; } = -1;

    /// <summary>The place of the last one that has had it whole; −1 for none.</summary>
    internal int LastCollector { get; set; } = -1;

    /// <summary>Is the body being collected for a filter?</summary>
    internal bool IsCollecting => Collector >= 0;

    /// <summary>Has it been collected, so that it goes on as a whole?</summary>
    internal bool HasCollected => LastCollector >= 0;

    /// <summary>A piece of the body that filters are looking at.</summary>
    internal BodyHold Piece => _piece ??= new();

    /// <summary>What has been collected for a filter that wants all of it.</summary>
    internal BodyHold Whole => _whole ??= new();

    /// <summary>What the filter that sees the trailers adds to the body before them.</summary>
    internal BodyHold Added => _added ??= new();

    /// <summary>Has anything been collected that has not gone on?</summary>
    internal bool HasWhole => _whole is { IsEmpty: false };

    /// <summary>Has the filter that saw the trailers added anything?</summary>
    internal bool HasAdded => _added is { IsEmpty: false };

    /// <summary>Does neither a body, collected or still to come, nor a trailer follow the head?</summary>
    internal bool IsHeadAlone => HasEnded && !HasWhole && !HasTrailers;

    /// <summary>The filter that waited for the message has it.</summary>
    internal void EndCollecting(int place)
    {
        LastCollector = place;
        Collector = -1;
    }

    /// <summary>What was collected is a piece now, which filters see that have not yet.</summary>
    internal void MakePieceOfWhole() => (_piece, _whole) = (Whole, _piece);

    /// <summary>What a filter has added is a piece now.</summary>
    internal void MakePieceOfAdded()
    {
        Piece.AppendAll(Added);
        Added.Release();
    }

    /// <summary>The piece is kept for a filter that wants all of the body.</summary>
    internal void CollectPiece()
    {
        Whole.Append(Piece.Span);
        Piece.Release();
    }

    /// <summary>Gives back the memory that is held.</summary>
    internal void Release()
    {
        _piece?.Release();
        _whole?.Release();
        _added?.Release();
    }

    /// <summary>Makes ready for the next message.</summary>
    internal void Reset()
    {
        Collector = LastCollector = -1;
        HasEnded = HasTrailers = IsClosed = PassBy = false;
    }
}
