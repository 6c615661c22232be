using Outrider.Envoy.Bodies;
using Outrider.Envoy.Callbacks;
using Outrider.Envoy.Headers;
using Outrider.Filters;
using Outrider.Hosting.Calls;
using Outrider.Hosting.Driving;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Streams;

/// <summary>
/// The way of one message through the filter: a call at a time, headers first, then the body piece by piece or, for a filter that
/// wants it so, whole, then trailers. Where the filter waits Envoy is told to stop here, and buffers behind it up to its limit; later it is
/// told to go on.
/// </summary>
/// <remarks>
/// Whatever calls Envoy may come back into this object before it returns: a reply runs the response's hooks, going on runs
/// the next body hook, and either may end the stream. So nothing here is done after such a call.
/// </remarks>
internal sealed class MessagePath
{
    private MessageFraming _framing;

    // What most messages need not have looked at is made when it is first needed.
    private FilterCall? _pending;
    private EnvoyBody? _piece;
    private EnvoyBody? _whole;
    private LatePieces? _late;
    private EnvoyTrailers? _trailers;

    // What the filter adds to the body when it sees the trailers.
    private BodyHold? _rest;
    private FilterDriver _driver;
    private bool _stopped, _bodyShown, _passesBy, _dataEnded, _endShown, _hasTrailers, _trailersShown;

    internal MessagePath(EnvoyStream stream, MessageSide side)
    {
        Stream = stream;
        Side = side;
        _framing = new MessageFraming(side);
        Shows = new ShownParts(stream.Methods, side);
    }

    /// <summary>Is the filter being waited for?</summary>
    internal bool IsWaiting => _pending is { IsPending: true };

    /// <summary>Does nothing of this message go on, whatever the filter says?</summary>
    internal bool IsClosed { get; private set; }

    /// <summary>Has the filter let the head go on?</summary>
    internal bool IsHeadGone { get; private set; }

    /// <summary>Has all of the message come to this filter, or to what Envoy buffers for it?</summary>
    internal bool HasEnded { get; private set; }

    internal MessageSide Side { get; }

    /// <summary>What the filter wants to see of it.</summary>
    internal ShownParts Shows { get; }

    internal EnvoyStream Stream { get; }

    internal FilterCall Pending => _pending ??= new FilterCall(Stream.Post, OnCallEnded);

    private EnvoyBody Piece => _piece ??= new EnvoyBody(Stream.Link, Side.IsResponse);

    private EnvoyBody Whole => _whole ??= new EnvoyBody(Stream.Link, Side.IsResponse);

    private LatePieces Late => _late ??= new LatePieces(Piece);

    private EnvoyTrailers Trailers => _trailers ??= new(Stream.Link, Side.TrailersKind);

    internal HeadersStatus OnHeaders(bool endStream)
    {
        HasEnded = endStream;
        _framing.OnHead(endStream);
        OnEnd(endStream);
        if (IsClosed || !Stream.Filter.Ensure() || !Shows.Head)
        {
            if (!IsClosed && Side.MayEndOtherwise(Stream.Methods))
            {
                PassHead();
            }

            OnHeadPassed(!IsClosed);
            return IsClosed && !_passesBy ? HeadersStatus.StopIteration : HeadersStatus.Continue;
        }

        var sink = new PathSink(this);
        _stopped = Apply(_driver.OnHead(ref sink, HasEnded)) != Directive.Pass;
        OnHeadPassed(!_stopped);
        return _stopped ? HeadersStatus.StopIteration : HeadersStatus.Continue;
    }

    internal DataStatus OnData(bool endStream)
    {
        HasEnded = _dataEnded |= endStream;
        OnEnd(endStream);
        if (IsClosed)
        {
            return _passesBy ? DataStatus.Continue : DataStatus.StopIterationNoBuffer;
        }

        if (IsWaiting)
        {
            return DataStatus.StopIterationAndWatermark;
        }

        return _driver.IsCollecting ? endStream ? OnWholeArrived() : DataStatus.StopIterationAndBuffer
            : !_driver.IsDone && Shows.Data ? OnPiece()
            : PassUnseen(endStream);
    }

    internal TrailersStatus OnTrailers()
    {
        HasEnded = _hasTrailers = true;
        OnEnd(true);
        if (IsClosed || IsWaiting)
        {
            return _passesBy ? TrailersStatus.Continue : TrailersStatus.StopIteration;
        }

        var result = ShowTrailers();
        _stopped = result == Directive.Unseen ? !LengthIsKept(atEnd: true) : result != Directive.Pass;
        IsHeadGone |= !_stopped;
        return _stopped ? TrailersStatus.StopIteration : TrailersStatus.Continue;
    }

    /// <summary>Nothing goes on from here.</summary>
    internal void Close()
    {
        IsClosed = true;
        Stream.SeeRest(Side.IsResponse);
    }

    /// <summary>What comes is the filter's own, which has seen it: it goes on untouched.</summary>
    internal void PassBy()
    {
        Close();
        _passesBy = true;
    }

    /// <summary>Makes ready for another stream.</summary>
    internal void Reset()
    {
        Side.Reset();
        _framing.Reset();
        if (_bodyShown)
        {
            _late?.Reset();
            _piece?.Reset();
            _whole?.Reset();
        }

        _driver = default;
        _stopped = _bodyShown = IsClosed = _passesBy = false;
        HasEnded = _dataEnded = _endShown = _hasTrailers = _trailersShown = IsHeadGone = false;
        _rest?.Release();
    }

    /// <summary>Calls a method of the filter other than that of the head with what Envoy has, or with a copy of it.</summary>
    internal ValueTask<FilterAction> Call(StreamFilter filter, FilterWork work, bool endStream)
    {
        switch (work)
        {
            case FilterWork.Data:
                return Side.CallData(filter, Piece, endStream);
            case FilterWork.Trailers:
                _trailersShown = true;
                return Side.CallTrailers(filter, Trailers, _rest ??= new());
            default:
                _bodyShown = true;
                Whole.Modified = false;
                if (_framing.IsHeadOnly && Side.IsResponse)
                {
                    // Envoy would send what is added here even where no body may be: it gets it when that is known.
                    Whole.Hold();
                }

                return Side.CallWhole(filter, Whole, _hasTrailers ? Trailers : null);
        }
    }

    private void OnHeadPassed(bool hasPassed)
    {
        IsHeadGone = hasPassed;
        if (hasPassed && !HasEnded && !Shows.Data && !Shows.Trailers && _framing is { IsWatched: false, DropsBody: false })
        {
            Stream.SkipRest(Side.IsResponse);
        }
    }

    // A response that has come to its end here has been answered in full, as far as it comes from before this filter.
    private void OnEnd(bool endStream)
    {
        if (endStream && Side.IsResponse)
        {
            Stream.OnResponded();
        }
    }

    private DataStatus OnPiece()
    {
        Piece.BeginHook(receivedOnly: true);
        var result = ShowPiece();
        if (result == Directive.Wait)
        {
            Late.TakeReceived();
        }
        else if (result == Directive.Pass && _framing.DropsBody)
        {
            Piece.DrainReceived();
        }

        Piece.EndHook();
        _stopped = result != Directive.Pass;
        return result switch
        {
            Directive.Pass => DataStatus.Continue,
            Directive.Wait => DataStatus.StopIterationAndWatermark,
            _ => DataStatus.StopIterationNoBuffer,
        };
    }

    private DataStatus OnWholeArrived()
    {
        Whole.BeginHook(receivedOnly: false);
        var sink = new PathSink(this);
        var result = Apply(_driver.OnData(ref sink, isEmpty: false, endStream: true));
        Whole.EndHook();
        _stopped = result != Directive.Pass;
        IsHeadGone = !_stopped;
        return result switch
        {
            Directive.Pass => DataStatus.Continue,
            Directive.Wait => DataStatus.StopIterationAndBuffer,
            _ => DataStatus.StopIterationNoBuffer,
        };
    }

    /// <summary>The head goes on before the body.</summary>
    private void PassHead()
    {
        // Otherwise the host sees to the body, which does not come by here.
        if (!Side.IsResponse || !Stream.Configuration.IsResponseEndUnseen)
        {
            _framing.PassHead();
        }
    }

    /// <summary>A piece of the body goes on that the filter does not want to see.</summary>
    private DataStatus PassUnseen(bool endStream)
    {
        if (_framing.DropsBody)
        {
            Piece.DrainReceived();
        }
        else if (_framing.IsWatched && !Pass(Piece.ReceivedLength, modified: false, endStream))
        {
            return DataStatus.StopIterationNoBuffer;
        }

        return DataStatus.Continue;
    }

    /// <summary>Hands <see cref="Piece"/> to the filter.</summary>
    private Directive ShowPiece()
    {
        _bodyShown = true;
        Piece.Modified = false;
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
                StreamCallbacks.ClearRouteCache(Stream.Link.Here);
                return Accept();
            default:
                return directive;
        }
    }

    /// <summary>The filter lets pass what it was shown, which it may have changed.</summary>
    private Directive Accept()
    {
        switch (_driver.Work)
        {
            case FilterWork.Headers:
                PassHead();
                return Directive.Pass;
            case FilterWork.Whole:
                _framing.PassWhole(Whole);
                return Directive.Pass;
            case FilterWork.Data:
                return _framing.DropsBody || Pass(Piece.Length, Piece.Modified, _endShown) ? Directive.Pass : Directive.Stop;
            default:
                return PassRest(_rest!);
        }
    }

    /// <summary>What the filter added to the body when it saw the trailers goes on before them.</summary>
    private Directive PassRest(BodyHold rest)
    {
        if (_framing.DropsBody)
        {
            rest.Release();
            return Directive.Pass;
        }

        if (!Pass(rest.Length, modified: !rest.IsEmpty, atEnd: true))
        {
            return Directive.Stop;
        }

        if (rest.IsEmpty)
        {
            return Directive.Pass;
        }

        if (_late is { IsCopying: true })
        {
            // Behind the pieces that wait here; they go on together.
            Late.Append(rest);
        }
        else if (!Piece.AppendBuffered(rest.Span))
        {
            Stream.Replies.Fail(new InvalidOperationException("Envoy takes no more of the body"));
            return Directive.Stop;
        }

        rest.Release();
        // Envoy may have shown it to the filters further on at once, and those may have ended the stream.
        return IsClosed || Stream.Link.IsOver ? Directive.Stop : Directive.Pass;
    }

    private bool Pass(int length, bool modified, bool atEnd) => _framing.Pass(length, modified, atEnd) || FailLength();

    private bool LengthIsKept(bool atEnd) => _framing.IsKept(atEnd) || FailLength();

    private bool FailLength()
    {
        Stream.Replies.Fail(_framing.Failure);
        return false;
    }

    private void OnCallEnded()
    {
        var sink = new PathSink(this);
        GoOn(Apply(_driver.OnAnswer(ref sink)));
    }

    /// <summary>The filter has answered after a while: it is shown what has arrived meanwhile, and then Envoy is told to go on.</summary>
    private void GoOn(Directive result)
    {
        if (result == Directive.Collect && Piece.BufferedLength > Stream.BufferLimit)
        {
            // Envoy has stopped to read at its limit, and would not begin again.
            var (status, text) = Side.TooLarge();
            Stream.Replies.ReplyHere(status, text);
            return;
        }

        if (result == Directive.Pass && _driver.Work is FilterWork.Headers or FilterWork.Data && !_driver.IsDone)
        {
            result = ShowArrived();
        }

        if (result == Directive.Pass && _stopped)
        {
            if (_late is { IsCopying: true })
            {
                Late.HandBack(drop: _framing.DropsBody);
            }
            else if (_framing.DropsBody && !_driver.IsDone && !_framing.IsHeadOnly)
            {
                Piece.ReplaceBuffered(default);
            }

            _stopped = false;
            IsHeadGone = true;
            Side.Continue();
        }
    }

    /// <summary>What has arrived while the filter was at work on the head, or on a piece, is its turn now.</summary>
    private Directive ShowArrived()
    {
        if (_driver.Work == FilterWork.Data)
        {
            Late.Keep();
        }

        if (!CountArrived())
        {
            return Directive.Stop;
        }

        var result = Directive.Pass;
        if (HasArrived())
        {
            Late.Next();
            result = ShowPiece();
            if (result == Directive.Wait)
            {
                Late.OnWaits();
            }
            else if (result == Directive.Pass)
            {
                Late.Keep();
            }
        }

        if (result == Directive.Pass && _hasTrailers && !_trailersShown)
        {
            result = Shows.Trailers ? ShowTrailers() : LengthIsKept(atEnd: true) ? Directive.Pass : Directive.Stop;
        }

        return result;
    }

    /// <summary>Is there a piece of the body, or the news that there is no more of it, that the filter has not been shown?</summary>
    private bool HasArrived() => Shows.Data && (Late.HasMore || (_dataEnded && !_endShown && !_hasTrailers));

    /// <summary>What has arrived while the filter was at work on the head, and which it does not want to see. False: the stream has failed.</summary>
    private bool CountArrived()
        => _driver.Work != FilterWork.Headers || _framing.IsHeadOnly || !_framing.IsWatched || Shows.Data
            || Pass(Piece.BufferedLength, modified: false, HasEnded);
}
