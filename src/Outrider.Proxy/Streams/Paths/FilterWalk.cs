using Outrider.Filters;
using Outrider.Hosting.Driving;
using Outrider.Proxy.Streams.Records;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>
/// A message's way through the filters of its direction: a call at a time, headers first, then the
/// body piece by piece or, for a filter that wants it so, whole, then trailers. Where a filter waits, the way stops, and
/// nothing more is read from the side that the message comes from. Lives, and is used again, with its stream; on its loop.
/// </summary>
internal sealed class FilterWalk
{
    private readonly StreamRecord _record;
    private readonly IPathOwner _owner;
    private readonly MessageEnd _end;
    private readonly MessageState _state = new();
    private readonly FilterCalls _calls;

    // The filter that sees the piece, or the trailers, at hand.
    private int _dataIndex;

    // Trailers that have come pass these filters next, once the body before them has passed.
    private int _trailersFrom;

    private LateReleases _lateReleases;

    /// <param name="record">The stream's.</param>
    /// <param name="places">The filters of the direction.</param>
    /// <param name="face">How they see the message.</param>
    /// <param name="end">What becomes of it.</param>
    /// <param name="owner">Who is told.</param>
    internal FilterWalk(StreamRecord record, FilterPlaces places, MessageFace face, MessageEnd end, IPathOwner owner)
    {
        _record = record;
        _end = end;
        _owner = owner;
        Places = places;
        _calls = new FilterCalls(record, places, face, _state, end, owner, OnCallEnded);
    }

    /// <summary>The filters of the direction.</summary>
    internal FilterPlaces Places { get; }

    /// <summary>Is a filter of this direction being waited for?</summary>
    internal bool IsWaiting => _calls.IsWaiting;

    /// <summary>The name of the filter that is being waited for, or null.</summary>
    internal string? WaitingFilter => _calls.WaitingFilter;

    /// <summary>Has the whole message arrived?</summary>
    internal bool HasEnded { get => _state.HasEnded; set => _state.HasEnded = value; }

    /// <summary>Have trailers come?</summary>
    internal bool HasTrailers => _state.HasTrailers;

    /// <summary>Do no filters see the message, because one of them has failed with it?</summary>
    internal bool PassBy { get => _state.PassBy; set => _state.PassBy = value; }

    /// <summary>Does nothing go on from here?</summary>
    internal bool IsClosed => _state.IsClosed;

    /// <summary>The filter whose headers method runs, ran last, or runs next.</summary>
    internal int Index { get; set; }

    /// <summary>Is the body being collected for a filter?</summary>
    internal bool IsCollecting => _state.IsCollecting;

    /// <summary>Has it been collected, so that it goes on as a whole?</summary>
    internal bool HasCollected => _state.HasCollected;

    // Filters behind one that collects see the body when it is whole; one that keeps the message to itself sees its pieces.
    private int EndOfPieces => !IsCollecting ? Places.Count : Places.DriverAt(_state.Collector).IsHolding ? _state.Collector + 1 : _state.Collector;

    /// <summary>The stream is over: nothing goes on from here, even when a filter's call is still under way.</summary>
    internal void Close() => _state.IsClosed = true;

    /// <summary>Gives back the memory that is held.</summary>
    internal void Release() => _state.Release();

    /// <summary>Makes ready for the next message.</summary>
    internal void Reset()
    {
        _calls.Reset();
        _state.Reset();
        _dataIndex = Index = 0;
        _trailersFrom = 0;
        _lateReleases.Clear();
    }

    /// <summary>A message begins that the filters up to a place see nothing of, neither head nor body: one of them has made it.</summary>
    internal void BeginBehind(int place)
    {
        Index = place + 1;
        Places.PassBy(place);
    }

    /// <summary>Shows the head to the filter at <see cref="Index"/>. True: go on with the next.</summary>
    internal bool RunHeaders() => Apply(_calls.ShowHead(Index));

    /// <summary>A piece of the body has come.</summary>
    internal void OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        HasEnded |= endStream;
        if (IsClosed)
        {
            return;
        }

        if (_calls.AnySeesData && !_record.IsTunnel && !PassBy)
        {
            _state.Piece.Append(data);
            _dataIndex = 0;
            RunData();
        }
        else if (IsCollecting)
        {
            Collect(data, endStream);
        }
        else
        {
            _end.Forward(data, endStream);
        }
    }

    /// <summary>The trailers have come, and end the message.</summary>
    internal void OnTrailers()
    {
        _state.HasEnded = _state.HasTrailers = true;
        if (!IsClosed)
        {
            _dataIndex = 0;
            RunTrailers();
        }
    }

    /// <summary>The headers have passed all filters and the body was collected on the way: it passes those that have not seen it.</summary>
    internal void ReleaseCollected()
    {
        _state.MakePieceOfWhole();
        _dataIndex = _state.Piece.IsEmpty ? Places.Count : _state.LastCollector + 1;
        _trailersFrom = _state.LastCollector + 1;
        RunData();
        RunHeldTrailers();
    }

    /// <summary>A filter lets go on what it held back, outside of a call to it. On the loop, with none of its calls under way.</summary>
    internal void ReleaseFrom(StreamFilter filter, bool clearRoute)
    {
        int place = Places.PlaceOf(filter);
        if (IsClosed || place < 0)
        {
            return;
        }

        if (IsWaiting)
        {
            // There is one piece at a time, and another filter is at work on it.
            _lateReleases.Add(place, clearRoute);
            return;
        }

        ReleaseFrom(place, clearRoute);
        _owner.UpdateFlow();
    }

    /// <summary>The filter at <see cref="Index"/> has asked for what cannot be.</summary>
    internal void Fail(Exception e) => _calls.Fail(Index, e);

    private bool ShowData(int place, bool endStream)
    {
        var directive = _calls.ShowData(place, endStream);
        return directive == Directive.Unseen || (directive != Directive.Collect && Apply(directive));
    }

    private bool ShowTrailers(int place) => Apply(_calls.ShowTrailers(place));

    /// <summary>Does what the driver of the answering filter says. True: go on with the filter behind it.</summary>
    private bool Apply(Directive directive)
    {
        switch (directive)
        {
            case Directive.Unseen:
                return true;
            case Directive.Pass:
                return _calls.Work != FilterWork.Trailers || !_state.HasAdded || PassAdded();
            case Directive.PassMade:
                TakeMadeBody();
                return true;
            case Directive.Collect:
                BeginCollecting();
                return false;
            case Directive.Keep:
                // Of a piece nothing is left to go on; a head waits.
                return _calls.Work == FilterWork.Data;
            case Directive.Release or Directive.ReleaseAndMatchRoute:
                TakePieceAndHeld();
                EndHold(clearRoute: directive == Directive.ReleaseAndMatchRoute);
                return false;
            case Directive.ReleaseBody:
                // The filter that has just seen the trailers kept body bytes, which go first.
                _trailersFrom = _dataIndex + 1;
                ReleaseBody(_dataIndex);
                RunHeldTrailers();
                return false;
            case Directive.MatchRoute or Directive.ChooseHost:
                if (_calls.Work == FilterWork.Headers)
                {
                    TakeMadeBody();
                }

                return _end.Route(directive);
            default:
                return false;
        }
    }

    private void OnCallEnded()
    {
        if (!_calls.TryDropAnswer())
        {
            GoOnAfterCall();
        }

        while (!IsWaiting && !IsClosed && _lateReleases.TryTake(out int place, out bool clearRoute))
        {
            ReleaseFrom(place, clearRoute);
        }

        _owner.UpdateFlow();
    }

    private void GoOnAfterCall()
    {
        var work = _calls.Work;
        if (!Apply(_calls.TakeAnswer()))
        {
            return;
        }

        switch (work)
        {
            case FilterWork.Data:
                _dataIndex++;
                RunData();
                // A collected body is one piece, and its trailers are here already.
                RunHeldTrailers();
                break;
            case FilterWork.Trailers:
                _dataIndex++;
                RunTrailers();
                break;
            default:
                RunNext();
                break;
        }
    }

    private void RunNext()
    {
        Index++;
        _end.Run();
    }

    private void RunData()
    {
        int end = EndOfPieces;
        bool last = HasEnded && !HasTrailers;
        for (; _dataIndex < end && (last || !_state.Piece.IsEmpty); _dataIndex++)
        {
            if (!ShowData(_dataIndex, last))
            {
                return;
            }
        }

        if (!IsCollecting)
        {
            _end.Forward(_state.Piece.Span, last);
            _state.Piece.Release();
        }
        else if (end > _state.Collector)
        {
            // What keeps the message to itself has taken what it wants of the piece; the rest it dropped.
            _state.Piece.Release();
        }
        else
        {
            // The piece is let go of before the message goes on: what is collected may become a piece again further on.
            _state.CollectPiece();
            Collect(default, last);
        }
    }

    private void RunTrailers()
    {
        int end = EndOfPieces;
        for (; _dataIndex < end && !PassBy; _dataIndex++)
        {
            if (!ShowTrailers(_dataIndex))
            {
                return;
            }
        }

        if (!IsCollecting)
        {
            _end.ForwardTrailers();
        }
        else if (ShowTrailers(_state.Collector))
        {
            RunNext();
        }
    }

    /// <summary>What the filter that has just seen the trailers added to the body passes the filters behind it, and the trailers follow.</summary>
    private bool PassAdded()
    {
        _state.MakePieceOfAdded();
        _trailersFrom = ++_dataIndex;
        RunData();
        RunHeldTrailers();
        return false;
    }

    /// <summary>The trailers that came while the body was collected follow it, unless something holds it up.</summary>
    private void RunHeldTrailers()
    {
        if (HasTrailers && !IsWaiting && !IsClosed)
        {
            _dataIndex = _trailersFrom;
            RunTrailers();
        }
    }

    /// <summary>The filter at <see cref="Index"/> wants more of the message than its head.</summary>
    private void BeginCollecting()
    {
        _state.Collector = Index;
        bool isHere = HasCollected && _state.HasWhole;
        if (!HasEnded && !isHere)
        {
            _end.OnCollect();
        }
        else if (!isHere && HasTrailers)
        {
            _dataIndex = _state.LastCollector + 1;
            RunTrailers();
        }
        else
        {
            // It is here already, for a filter before this one: those between the two have yet to see it.
            ReleaseCollected();
        }
    }

    /// <summary>A piece has come to the filter that waits for all of them.</summary>
    private void Collect(ReadOnlySpan<byte> data, bool endStream)
    {
        _state.Whole.Append(data);
        if (_state.Whole.Length > _record.Services.MaxBufferedBody)
        {
            _end.OnTooLarge();
        }
        else if (ShowData(_state.Collector, endStream))
        {
            RunNext();
        }
    }

    private void ReleaseFrom(int place, bool clearRoute)
    {
        if (Places.DriverAt(place).OnReleased())
        {
            Places.HolderAt(place)!.TakeHeld(_calls.IsResponse, _state.Whole);
            EndHold(clearRoute);
        }
        else
        {
            ReleaseBody(place);
        }
    }

    /// <summary>What the filter at <see cref="MessageState.Collector"/> held back is in <see cref="MessageState.Whole"/> now: the headers go on, and the body after them.</summary>
    private void EndHold(bool clearRoute)
    {
        _state.EndCollecting(_state.Collector);
        if (clearRoute)
        {
            _end.OnRouteCleared();
        }

        RunNext();
    }

    /// <summary>What the holder lets go, from inside a call to it.</summary>
    private void TakePieceAndHeld()
    {
        if (_calls.Work == FilterWork.Data)
        {
            _state.CollectPiece();
        }
        else
        {
            Places.HolderAt(_calls.Answering)!.TakeHeld(_calls.IsResponse, _state.Whole);
        }
    }

    /// <summary>The filter that has just seen the head of a message without a body may have made one, which the filters behind it see.</summary>
    private void TakeMadeBody()
    {
        if (!HasEnded || HasTrailers || Places.HolderAt(Index) is not { } maker)
        {
            return;
        }

        maker.TakeHeld(_calls.IsResponse, _state.Whole);
        if (!_state.Whole.IsEmpty)
        {
            // As if it had been collected here: it goes out with the head, once its length is known.
            _state.LastCollector = Index;
        }
    }

    /// <summary>Body bytes that the filter at <paramref name="place"/> kept, in the middle of the body, pass those behind it.</summary>
    private void ReleaseBody(int place)
    {
        Places.HolderAt(place)!.TakeHeld(_calls.IsResponse, _state.Piece);
        _dataIndex = place + 1;
        RunData();
    }
}
