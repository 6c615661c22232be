using Outrider.Filters;
using Outrider.Hosting.Driving;

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
        var sink = new PathSink(this);
        GoOn(Apply(_driver.OnAnswer(ref sink)));
    }

    /// <summary>The filter has answered after a while: it is shown what has arrived meanwhile, and then Envoy is told to go on.</summary>
    private void GoOn(Directive result)
    {
        if (result == Directive.Collect && _piece.BufferedLength > Stream.BufferLimit)
        {
            // Envoy has stopped to read at its limit, and would not begin again.
            OnTooLarge();
            return;
        }

        bool isBody = _driver.Work is FilterWork.Headers or FilterWork.Data && !_driver.IsDone;
        if (result == Directive.Pass && _driver.Work == FilterWork.Data)
        {
            KeepDone();
        }

        if (result == Directive.Pass && isBody && !CountArrived())
        {
            return;
        }

        if (result == Directive.Pass && isBody && HasArrived())
        {
            result = ShowArrived();
        }

        if (result == Directive.Pass && isBody && _hasTrailers && !_trailersShown)
        {
            result = Overrides(FilterWork.Trailers) ? ShowTrailers() : LengthIsKept(atEnd: true) ? Directive.Pass : Directive.Stop;
        }

        if (result == Directive.Pass && _stopped)
        {
            if (_copying)
            {
                _copying = false;
                _taken = 0;
                _piece.ReplaceBuffered(_dropsBody ? default : _done!.Span);
                _done!.Release();
            }
            else if (_dropsBody && !_driver.IsDone && !_headOnly)
            {
                _piece.ReplaceBuffered(default);
            }

            _stopped = false;
            IsHeadGone = true;
            Continue();
        }
    }

    /// <summary>Is there a piece of the body, or the news that there is no more of it, that the filter has not been shown?</summary>
    private bool HasArrived() => Overrides(FilterWork.Data) && (_piece.BufferedLength > _taken || (_dataEnded && !_endShown && !_hasTrailers));

    private Directive ShowArrived()
    {
        int all = _piece.BufferedLength;
        if (_copying)
        {
            _piece.HoldBuffered(_taken);
            _taken = all;
        }

        // Otherwise it is shown where it lies, and only copied if the filter waits over it.
        var result = ShowPiece();
        if (result == Directive.Wait && !_copying)
        {
            _copying = true;
            _taken = all;
            _piece.Hold();
        }
        else if (result == Directive.Pass)
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
