using Outrider.Filters;
using Outrider.Hosting.Calls;
using Outrider.Hosting.Driving;
using Outrider.Proxy.Streams.Records;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>
/// Calls the filters of one direction, one at a time, and waits for the one that does not answer at once. What each answer does to the message is for the way
/// (<see cref="FilterWalk"/>) to do. Lives, and is used again, with it.
/// </summary>
internal sealed class FilterCalls
{
    private readonly StreamRecord _record;
    private readonly IPathOwner _owner;
    private readonly MessageFace _face;
    private readonly MessageEnd _end;
    private readonly Action _ended;

    // The message that a filter is at work on has been replaced meanwhile.
    private bool _isStale;

    /// <param name="record">The stream's.</param>
    /// <param name="places">The filters of the direction.</param>
    /// <param name="face">How they see the message.</param>
    /// <param name="state">What of the message is here.</param>
    /// <param name="end">Where a filter's reply goes.</param>
    /// <param name="owner">Who is told of the rest.</param>
    /// <param name="ended">Told, on the loop, that the call that was waited for has ended.</param>
    internal FilterCalls(StreamRecord record, FilterPlaces places, MessageFace face, MessageState state, MessageEnd end, IPathOwner owner, Action ended)
    {
        _record = record;
        _face = face;
        _end = end;
        _owner = owner;
        Places = places;
        State = state;
        _ended = ended;
        Pending = new FilterCall(record.Loop.Post, OnEnded);
    }

    /// <summary>The filters of the direction.</summary>
    internal FilterPlaces Places { get; }

    /// <summary>What of the message is here.</summary>
    internal MessageState State { get; }

    /// <summary>The call that is waited for, if any.</summary>
    internal FilterCall Pending { get; }

    /// <summary>The place of the filter whose answer is waited for or being applied.</summary>
    internal int Answering { get; private set; }

    /// <summary>Is a filter of this direction being waited for?</summary>
    internal bool IsWaiting => Pending.IsPending;

    /// <summary>The name of the filter that is being waited for, or null.</summary>
    internal string? WaitingFilter => IsWaiting ? Places.NameAt(Answering) : null;

    internal bool IsResponse => _face.IsResponse;

    internal bool CanCollect => _end.CanCollect;

    /// <summary>Can an answer that a filter of this way makes still reach the client?</summary>
    internal bool MayReply => !_record.IsHeadSent;

    /// <summary>Which part of the message the answering filter has had.</summary>
    internal FilterWork Work => Places.DriverAt(Answering).Work;

    /// <summary>Does any filter see bodies piece by piece?</summary>
    internal bool AnySeesData => Places.Set.Any(_face.MethodOf(FilterWork.Data));

    internal Directive ShowHead(int place)
    {
        Answering = place;
        var sink = new PathSink(this, place);
        return Places.DriverAt(place).OnHead(ref sink, State.IsHeadAlone);
    }

    internal Directive ShowData(int place, bool endStream)
    {
        Answering = place;
        var sink = new PathSink(this, place);
        return Places.DriverAt(place).OnData(ref sink, isEmpty: false, endStream);
    }

    internal Directive ShowTrailers(int place)
    {
        Answering = place;
        var sink = new PathSink(this, place);
        return Places.DriverAt(place).OnTrailers(ref sink);
    }

    /// <summary>What the filter has answered that was waited for.</summary>
    internal Directive TakeAnswer()
    {
        var sink = new PathSink(this, Answering);
        return Places.DriverAt(Answering).OnAnswer(ref sink);
    }

    /// <summary>Makes ready for the next message. What the filter says that is still at work on this one counts no more.</summary>
    internal void Reset()
    {
        _isStale = IsWaiting;
        Places.Reset();
    }

    /// <summary>Drops the answer to a message that was replaced. False: it counts.</summary>
    internal bool TryDropAnswer()
    {
        if (!_isStale)
        {
            return false;
        }

        _isStale = false;
        try
        {
            _ = Pending.TakeResult();
            Places.Meter?.Resume();
            _ = _owner.OnFilterResumed();
        }
        catch (Exception e)
        {
            Places.Meter?.Resume(failed: true);
            if (_owner.OnFilterResumed())
            {
                _record.Services.OnFilterError(_record.Id, Places.NameAt(Answering), e);
            }
        }

        return true;
    }

    internal bool Overrides(int place, FilterWork work) => work == FilterWork.Whole || (Places.FactoryAt(place).Methods & _face.MethodOf(work)) != 0;

    /// <summary>Calls a method of the filter at a place.</summary>
    internal ValueTask<FilterAction> Call(StreamFilter filter, int place, FilterWork work, bool endStream)
    {
        Places.Meter?.Begin(Places.FilterAt(place), (FilterPhase)((IsResponse ? (int)FilterPhase.EncodeHeaders : 0) + (int)work));
        switch (work)
        {
            case FilterWork.Headers:
                return _face.CallHeaders(filter, endStream);
            case FilterWork.Data:
                return _face.CallData(filter, State.Piece, endStream);
            case FilterWork.Trailers:
                return _face.CallTrailers(filter, State.Added);
            default:
                State.EndCollecting(place);
                return _face.CallWhole(filter, State.Whole, State.HasTrailers);
        }
    }

    internal void OnWaits()
    {
        Places.BeginWaiting();
        _owner.OnFilterWaits();
    }

    internal bool OnResumed()
    {
        Places.Meter?.Resume();
        return _owner.OnFilterResumed();
    }

    internal void Terminate() => _owner.Terminate();

    internal void Fail(int place, Exception e)
    {
        Places.Meter?.Fail();
        _owner.OnFilterFailed(Places.NameAt(place), e);
    }

    internal void ReplyFrom(int place, FilterAction answer) => _end.ReplyFrom(place, answer);

    private void OnEnded()
    {
        Places.EndWaiting();
        _ended();
    }
}
