using Outrider.Envoy.Bodies;
using Outrider.Filters;

namespace Outrider.Envoy.Streams;

/// <summary>
/// The pieces of a body that the filter waited over. A copy of each is what it goes on with; Envoy keeps the originals, with what comes behind
/// them, so that it knows how much waits here. When the filter has caught up, what it made of them takes the originals' place.
/// </summary>
internal sealed class LatePieces(EnvoyBody piece)
{
    // Pieces that the filter is done with; they go on together.
    private BodyHold? _done;

    // How many bytes at the front of what Envoy buffers have been taken over into copies of our own.
    private int _taken;

    /// <summary>Does the filter go on with copies?</summary>
    internal bool IsCopying { get; private set; }

    /// <summary>Does Envoy buffer bytes that have not been taken over?</summary>
    internal bool HasMore => piece.BufferedLength > _taken;

    /// <summary>The filter waits over a piece that has just come.</summary>
    internal void TakeReceived()
    {
        _done ??= new();
        _taken = piece.BufferedLength;
        // All filters share that one buffer. What came may be the very buffer, which a filter before this one has let go of; otherwise what lies there has
        // passed this filter already, and another further on is collecting it.
        if (!piece.ReceivedIsBuffered)
        {
            piece.CopyBufferedTo(_done);
            _taken += piece.ReceivedLength;
        }

        IsCopying = true;
        piece.Hold();
    }

    /// <summary>The filter is to see all that has come meanwhile: as a copy where it has one already, otherwise where it lies.</summary>
    internal void Next()
    {
        if (IsCopying)
        {
            int all = piece.BufferedLength;
            piece.HoldBuffered(_taken);
            _taken = all;
        }
    }

    /// <summary>The filter waits over what it was shown by <see cref="Next"/>.</summary>
    internal void OnWaits()
    {
        if (!IsCopying)
        {
            IsCopying = true;
            _taken = piece.BufferedLength;
            piece.Hold();
        }
    }

    /// <summary>The filter is done with a piece: where that is a copy, it waits for those behind it.</summary>
    internal void Keep()
    {
        if (IsCopying)
        {
            (_done ??= new()).AppendAll(piece);
            piece.Release();
        }
    }

    /// <summary>More goes on behind the pieces that wait here.</summary>
    internal void Append(BodyHold bytes) => _done!.AppendAll(bytes);

    /// <summary>Envoy gets what the filter made of the pieces, or nothing, in the place of what it buffers.</summary>
    internal void HandBack(bool drop)
    {
        IsCopying = false;
        _taken = 0;
        piece.ReplaceBuffered(drop ? default : _done!.Span);
        _done!.Release();
    }

    /// <summary>Makes ready for another message.</summary>
    internal void Reset()
    {
        _done?.Release();
        _taken = 0;
        IsCopying = false;
    }
}
