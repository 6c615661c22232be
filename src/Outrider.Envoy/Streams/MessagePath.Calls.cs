using Outrider.Filters;

namespace Outrider.Envoy.Streams;

/// <summary>How the filter is shown a part of the message, and what its answer does.</summary>
internal abstract partial class MessagePath
{
    private StepResult CallWhole()
    {
        _collecting = false;
        _collected = true;
        _bodyShown = true;
        _whole.Modified = false;
        if (_headOnly && _isResponse)
        {
            // Envoy would send what is added here even where no body may be: it gets it when that is known.
            _whole.Hold();
        }

        return Call(Work.Whole);
    }

    /// <summary>Hands <see cref="_piece"/> to the filter.</summary>
    private StepResult CallPiece()
    {
        _bodyShown = true;
        _piece.Modified = false;
        _endShown = _dataEnded && !_hasTrailers;
        return Call(Work.Data);
    }

    private StepResult CallTrailers()
    {
        _trailersShown = true;
        return Call(Work.Trailers);
    }

    private StepResult Call(Work work)
    {
        _work = work;
        FilterAction action;
        try
        {
            var outer = Stream.EnterFilter(out var filter);
            try
            {
                var call = work switch
                {
                    Work.Headers => CallHeaders(filter, _ended),
                    Work.Whole => CallWhole(filter, _whole, _hasTrailers ? Trailers : null),
                    Work.Data => CallData(filter, _piece, _endShown),
                    _ => CallTrailers(filter, Trailers, _rest ??= new()),
                };
                if (!_call.TryGet(call, out action))
                {
                    Stream.OnFilterWaits();
                    return Stream.IsOver ? StepResult.Closed : StepResult.Waiting;
                }
            }
            finally
            {
                Stream.LeaveFilter(outer);
            }
        }
        catch (Exception e)
        {
            Stream.Fail(e);
            return StepResult.Closed;
        }

        return Apply(action);
    }

    /// <summary>Does what the filter answered to <see cref="_work"/>.</summary>
    private StepResult Apply(FilterAction action)
    {
        if (IsClosed || Stream.IsOver)
        {
            return StepResult.Closed;
        }

        switch (action.Kind)
        {
            case FilterActionKind.Continue:
                return Accept();
            case FilterActionKind.Terminate:
                Stream.Terminate();
                return StepResult.Closed;
            case FilterActionKind.Reply:
                Stream.Reply(action, ofRequest: !_isResponse);
                return StepResult.Closed;
            case FilterActionKind.WaitAllData when _work == Work.Headers && CanCollect:
                _collecting = true;
                return _ended ? CallWhole() : StepResult.Collecting;
            case FilterActionKind.WaitAllData when _work == Work.Headers:
                // What follows an upgrade or a CONNECT has no end that could be waited for.
                return Accept();
            default:
                return ApplyOther(action);
        }
    }

    /// <summary>The filter lets pass what it was shown, which it may have changed.</summary>
    private protected StepResult Accept()
    {
        if (_work == Work.Headers)
        {
            PassHead();
        }
        else if (_work == Work.Whole)
        {
            PassWhole();
        }
        else if (_work == Work.Data && !_dropsBody)
        {
            _length.OnPassed(_piece.Length, _piece.Modified);
            if (!LengthIsKept(atEnd: _endShown))
            {
                return StepResult.Closed;
            }
        }
        else if (_work == Work.Trailers)
        {
            return PassRest(_rest!);
        }

        return StepResult.Continue;
    }

    /// <summary>What the filter added to the body when it saw the trailers goes on before them.</summary>
    private StepResult PassRest(BodyHold rest)
    {
        if (_dropsBody)
        {
            rest.Release();
            return StepResult.Continue;
        }

        _length.OnPassed(rest.Length, modified: !rest.IsEmpty);
        if (!LengthIsKept(atEnd: true))
        {
            return StepResult.Closed;
        }

        if (rest.IsEmpty)
        {
            return StepResult.Continue;
        }

        if (_copying)
        {
            // Behind the pieces that wait here; they go on together.
            _done!.AppendAll(rest);
        }
        else if (!_piece.AppendBuffered(rest.Span))
        {
            Stream.Fail(new InvalidOperationException("Envoy takes no more of the body"));
            return StepResult.Closed;
        }

        rest.Release();
        // Envoy may have shown it to the filters further on at once, and those may have ended the stream.
        return IsClosed || Stream.IsOver ? StepResult.Closed : StepResult.Continue;
    }

    private bool LengthIsKept(bool atEnd)
    {
        if (_length.IsKept(Headers, atEnd))
        {
            return true;
        }

        Stream.Fail(_length.Failure);
        return false;
    }
}
