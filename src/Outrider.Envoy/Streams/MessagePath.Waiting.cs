using Outrider.Filters;

namespace Outrider.Envoy.Streams;

/// <summary>How a message goes on after the filter has been waited for: what has arrived meanwhile is shown to it first.</summary>
internal abstract partial class MessagePath
{
    // Pieces that the filter has waited over and is done with; they go on together once it has caught up.
    private BodyHold? _done;

    // How many bytes at the front of what Envoy buffers have been taken over into copies of our own.
    private int _taken;
    private bool _copying;

    /// <summary>
    /// The filter waits over a piece that has just come: a copy of it is what it goes on with. Envoy keeps the original with what
    /// comes behind it, so that it knows how much waits here.
    /// </summary>
    private void TakeOver()
    {
        // All filters share that one buffer: what lies there already has passed this filter, and another further on is collecting it.
        _done ??= new();
        _piece.CopyBufferedTo(_done);
        _taken = _piece.BufferedLength + _piece.ReceivedLength;
        _copying = true;
        _piece.Hold();
    }

    private void OnCallEnded()
    {
        FilterAction action;
        try
        {
            action = _call.TakeResult();
        }
        catch (Exception e)
        {
            Stream.OnFilterResumed(e);
            return;
        }

        if (Stream.OnFilterResumed(null))
        {
            GoOn(Apply(action));
        }
    }

    /// <summary>The filter has answered after a while: it is shown what has arrived meanwhile, and then Envoy is told to go on.</summary>
    private void GoOn(StepResult result)
    {
        if (result == StepResult.Collecting && _piece.BufferedLength > Stream.BufferLimit)
        {
            // Envoy has stopped to read at its limit, and would not begin again.
            OnTooLarge();
            return;
        }

        bool isBody = _work is Work.Headers or Work.Data && !_collected;
        if (result == StepResult.Continue && _work == Work.Data)
        {
            KeepDone();
        }

        if (result == StepResult.Continue && isBody && !CountArrived())
        {
            return;
        }

        if (result == StepResult.Continue && isBody && HasArrived())
        {
            result = ShowArrived();
        }

        if (result == StepResult.Continue && isBody && _hasTrailers && !_trailersShown)
        {
            result = Overrides(TrailersMethod) ? CallTrailers() : LengthIsKept(atEnd: true) ? StepResult.Continue : StepResult.Closed;
        }

        if (result == StepResult.Continue && _stopped)
        {
            if (_copying)
            {
                _copying = false;
                _taken = 0;
                _piece.ReplaceBuffered(_dropsBody ? default : _done!.Span);
                _done!.Release();
            }
            else if (_dropsBody && !_collected && !_headOnly)
            {
                _piece.ReplaceBuffered(default);
            }

            _stopped = false;
            IsHeadGone = true;
            Continue();
        }
    }

    /// <summary>Is there a piece of the body, or the news that there is no more of it, that the filter has not been shown?</summary>
    private bool HasArrived() => Overrides(DataMethod) && (_piece.BufferedLength > _taken || (_dataEnded && !_endShown && !_hasTrailers));

    private StepResult ShowArrived()
    {
        int all = _piece.BufferedLength;
        if (_copying)
        {
            _piece.HoldBuffered(_taken);
            _taken = all;
        }

        // Otherwise it is shown where it lies, and only copied if the filter waits over it.
        var result = CallPiece();
        if (result == StepResult.Waiting && !_copying)
        {
            _copying = true;
            _taken = all;
            _piece.Hold();
        }
        else if (result == StepResult.Continue)
        {
            KeepDone();
        }

        return result;
    }

    /// <summary>A piece that is a copy waits, now that the filter is done with it, for those behind it.</summary>
    private void KeepDone()
    {
        if (_copying)
        {
            (_done ??= new()).AppendAll(_piece);
            _piece.Release();
        }
    }
}
