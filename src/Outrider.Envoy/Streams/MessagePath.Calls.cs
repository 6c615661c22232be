using Outrider.Filters;
using Outrider.Hosting.Driving;

namespace Outrider.Envoy.Streams;

/// <summary>How the filter is shown a part of the message, and what its answer does.</summary>
internal abstract partial class MessagePath
{
    internal bool Overrides(FilterWork work) => (Stream.Methods & MethodOf(work)) != 0;

    /// <summary>Calls a method of the filter with what Envoy has, or with a copy of it.</summary>
    internal ValueTask<FilterAction> Call(StreamFilter filter, FilterWork work, bool endStream)
    {
        switch (work)
        {
            case FilterWork.Headers:
                return CallHeaders(filter, endStream);
            case FilterWork.Data:
                return CallData(filter, _piece, endStream);
            case FilterWork.Trailers:
                _trailersShown = true;
                return CallTrailers(filter, Trailers, _rest ??= new());
            default:
                _bodyShown = true;
                _whole.Modified = false;
                if (_headOnly && IsResponse)
                {
                    // Envoy would send what is added here even where no body may be: it gets it when that is known.
                    _whole.Hold();
                }

                return CallWhole(filter, _whole, _hasTrailers ? Trailers : null);
        }
    }

    /// <summary>Hands <see cref="_piece"/> to the filter.</summary>
    private Directive ShowPiece()
    {
        _bodyShown = true;
        _piece.Modified = false;
        _endShown = _dataEnded && !_hasTrailers;
        var sink = new PathSink(this);
        return Apply(_driver.OnData(ref sink, isEmpty: false, _endShown));
    }

    private Directive ShowTrailers()
    {
        var sink = new PathSink(this);
        return Apply(_driver.OnTrailers(ref sink));
    }

    /// <summary>Lets go on what the driver says. What is not <see cref="Directive.Pass"/> afterwards stays here.</summary>
    private Directive Apply(Directive directive)
    {
        switch (directive)
        {
            case Directive.Pass:
            case Directive.ChooseHost:
                // Envoy chooses the host when all filters have let the request pass, so whatever it will choose is a new choice.
                return Accept();
            case Directive.MatchRoute:
                Callbacks.StreamCallbacks.ClearRouteCache(Stream.Pointer);
                return Accept();
            default:
                return directive;
        }
    }

    /// <summary>The filter lets pass what it was shown, which it may have changed.</summary>
    private Directive Accept()
    {
        if (_driver.Work == FilterWork.Headers)
        {
            PassHead();
        }
        else if (_driver.Work == FilterWork.Whole)
        {
            PassWhole();
        }
        else if (_driver.Work == FilterWork.Data && !_dropsBody)
        {
            _length.OnPassed(_piece.Length, _piece.Modified);
            if (!LengthIsKept(atEnd: _endShown))
            {
                return Directive.Stop;
            }
        }
        else if (_driver.Work == FilterWork.Trailers)
        {
            return PassRest(_rest!);
        }

        return Directive.Pass;
    }

    /// <summary>What the filter added to the body when it saw the trailers goes on before them.</summary>
    private Directive PassRest(BodyHold rest)
    {
        if (_dropsBody)
        {
            rest.Release();
            return Directive.Pass;
        }

        _length.OnPassed(rest.Length, modified: !rest.IsEmpty);
        if (!LengthIsKept(atEnd: true))
        {
            return Directive.Stop;
        }

        if (rest.IsEmpty)
        {
            return Directive.Pass;
        }

        if (_copying)
        {
            // Behind the pieces that wait here; they go on together.
            _done!.AppendAll(rest);
        }
        else if (!_piece.AppendBuffered(rest.Span))
        {
            Stream.Fail(new InvalidOperationException("Envoy takes no more of the body"));
            return Directive.Stop;
        }

        rest.Release();
        // Envoy may have shown it to the filters further on at once, and those may have ended the stream.
        return IsClosed || Stream.IsOver ? Directive.Stop : Directive.Pass;
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
