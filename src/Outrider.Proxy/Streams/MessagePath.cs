using Outrider.Filters;
using Outrider.Proxy.FilterChains;

namespace Outrider.Proxy.Streams;

/// <summary>
/// What the ways of requests and responses through the filters have in common: a call at a time, headers first, then the
/// body piece by piece or, for a filter that wants it so, whole, then trailers. Where a filter waits, the way stops, and
/// nothing more is read from the side that the message comes from.
/// </summary>
internal abstract class MessagePath
{
    private readonly FilterCall _call;

    // Which filter comes at which place of this way. Every other index here is a place.
    private readonly int[] _order;

    // A piece of the body that filters are looking at, and what has been collected for a filter that wants all of it.
    // Most streams need neither, and a hold that was never made is one object less to touch.
    private BodyHold? _piece;
    private BodyHold? _whole;
    private Work _work;
    private int _dataIndex;
    private int _collector = -1;

    // The collector keeps the body to itself, piece by piece, and says when the message goes on.
    private bool _holding;

    // Trailers that have come pass these filters next, once the body before them has passed.
    private int _trailersFrom;

    // Places of filters that let their part of the message go while another one was still at work on a piece.
    private SortedSet<int>? _lateReleases;
    private bool _lateClear;
    private int _lastCollector = -1;

    private protected MessagePath(ProxyStream stream, FilterChain filters, int[] order)
    {
        Stream = stream;
        Filters = filters;
        _order = order;
        _call = new FilterCall(stream.Loop, OnCallEnded);
    }

    /// <summary>What the filter that is being waited for was called with.</summary>
    private enum Work : byte
    {
        Headers,
        Whole,
        Data,
        Trailers,
    }

    /// <summary>Is a filter of this direction being waited for?</summary>
    internal bool IsWaiting => _call.IsPending;

    /// <summary>The name of the filter that is being waited for, or null.</summary>
    internal string? WaitingFilter => IsWaiting ? NameAt(AnsweringIndex) : null;

    /// <summary>Has the whole message arrived?</summary>
    internal bool HasEnded { get; private protected set; }

    /// <summary>Do no filters see the message, because one of them has failed with it?</summary>
    internal bool PassBy { get; set; }

    private protected ProxyStream Stream { get; }

    private protected FilterChain Filters { get; }

    /// <summary>What has been collected.</summary>
    private protected BodyHold Whole => _whole ??= new();

    private protected bool HasTrailers { get; private set; }

    private protected bool IsClosed { get; private set; }

    /// <summary>The filter whose headers method runs, ran last, or runs next.</summary>
    private protected int Index { get; set; }

    private protected bool IsCollecting => _collector >= 0;

    private protected bool HasCollected => _lastCollector >= 0;

    /// <summary>The place of the filter whose answer is waited for or being applied.</summary>
    private protected int AnsweringIndex => _work is Work.Data or Work.Trailers ? _dataIndex : Index;

    /// <summary>Did the answer come from a headers method or from one for the whole message, and not from amid a body?</summary>
    private protected bool IsHeadAnswer => _work is Work.Headers or Work.Whole;

    private protected int Count => _order.Length;

    /// <summary>Can the whole message be waited for, or is it one that has no end?</summary>
    private protected virtual bool CanCollect => !Stream.IsTunnel;

    private protected abstract bool IsResponse { get; }

    private protected abstract StreamFilterMethods HeadersMethod { get; }

    private protected abstract StreamFilterMethods DataMethod { get; }

    private protected abstract StreamFilterMethods TrailersMethod { get; }

    internal void OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        HasEnded |= endStream;
        if (IsClosed)
        {
            return;
        }

        if (Filters.Set.Any(DataMethod) && !Stream.IsTunnel && !PassBy)
        {
            (_piece ??= new()).Append(data);
            _dataIndex = 0;
            RunData();
        }
        else if (IsCollecting)
        {
            Collect(data, endStream);
        }
        else
        {
            Forward(data, endStream);
        }
    }

    internal void OnTrailers()
    {
        HasEnded = HasTrailers = true;
        if (!IsClosed)
        {
            _dataIndex = 0;
            RunTrailers();
        }
    }

    /// <summary>The stream is over: nothing goes on from here, even when a filter's call is still under way.</summary>
    internal void Close() => IsClosed = true;

    /// <summary>Gives back the memory that is held.</summary>
    internal virtual void Release()
    {
        _piece?.Release();
        _whole?.Release();
    }

    /// <summary>Makes ready for the next stream.</summary>
    internal virtual void Reset()
    {
        _work = Work.Headers;
        _dataIndex = Index = 0;
        _collector = _lastCollector = -1;
        _trailersFrom = 0;
        _holding = _lateClear = false;
        _lateReleases?.Clear();
        HasEnded = HasTrailers = IsClosed = PassBy = false;
    }

    private protected abstract ValueTask<FilterAction> CallHeaders(StreamFilter filter, bool endStream);

    private protected abstract ValueTask<FilterAction> CallWhole(StreamFilter filter);

    private protected abstract ValueTask<FilterAction> CallData(StreamFilter filter, BodyHold data, bool endStream);

    private protected abstract ValueTask<FilterAction> CallTrailers(StreamFilter filter);

    /// <summary>An action that is special to one direction. True: go on with the next filter.</summary>
    private protected abstract bool ApplyOther(FilterAction action);

    /// <summary>A filter wants the whole message, of which more is to come.</summary>
    private protected abstract void OnCollect();

    /// <summary>A filter that held the head back has changed it, and wants the route to be matched again.</summary>
    private protected abstract void OnRouteCleared();

    /// <summary>More has been collected than may be.</summary>
    private protected abstract void OnTooLarge();

    /// <summary>Goes on with the headers of the filter at <see cref="Index"/>, and with what comes after all of them.</summary>
    private protected abstract void Run();

    /// <summary>A piece of the body has passed all filters. Where the head has not been sent this is all of the body.</summary>
    private protected abstract void Forward(ReadOnlySpan<byte> data, bool endStream);

    /// <summary>The trailers have passed all filters.</summary>
    private protected abstract void ForwardTrailers();

    /// <summary>Calls the headers method of the filter at <see cref="Index"/>. True: go on with the next.</summary>
    private protected bool RunHeaders()
    {
        _work = Work.Headers;
        return Invoke(Index, out var action) && Apply(action);
    }

    /// <summary>The headers have passed all filters and the body was collected on the way: it passes those that have not seen it.</summary>
    private protected void ReleaseCollected()
    {
        (_piece, _whole) = (Whole, _piece);
        _dataIndex = _piece.IsEmpty ? Count : _lastCollector + 1;
        _trailersFrom = _lastCollector + 1;
        RunData();
        RunHeldTrailers();
    }

    /// <summary>A filter lets go on what it held back, outside of a call to it. On the loop, with none of its calls under way.</summary>
    internal void ReleaseFrom(StreamFilter filter, bool clearRoute)
    {
        int place = PlaceOf(filter);
        if (IsClosed || place < 0)
        {
            return;
        }

        if (IsWaiting)
        {
            // There is one piece at a time, and another filter is at work on it.
            _ = (_lateReleases ??= []).Add(place);
            _lateClear |= clearRoute;
            return;
        }

        ReleaseFrom(place, clearRoute);
        Stream.UpdateFlow();
    }

    /// <summary>The filter at this place, as far as its factory tells.</summary>
    private protected IStreamFilterFactory FactoryAt(int index) => Filters.Set.Factories[_order[index]];

    private protected void Fail(int index, Exception e) => Stream.OnFilterFailed(NameAt(index), e);

    private protected void FailAction(FilterAction action)
        => Fail(AnsweringIndex, new InvalidOperationException($"{action} is not an answer to this method, or not in this phase"));

    private protected string NameAt(int index) => Filters.Set.Names[_order[index]];

    /// <summary>Calls a filter as <see cref="_work"/> says. False: it has failed, or is being waited for.</summary>
    private bool Invoke(int index, out FilterAction action)
    {
        try
        {
            var filter = Filters.Enter(_order[index]);
            var call = _work switch
            {
                Work.Headers => CallHeaders(filter, HasEnded && _whole is not { IsEmpty: false } && !HasTrailers),
                Work.Whole => CallWhole(filter),
                Work.Data => CallData(filter, _piece!, HasEnded && !HasTrailers),
                _ => CallTrailers(filter),
            };
            if (_call.TryGet(call, out action))
            {
                return true;
            }

            Stream.OnFilterWaits();
        }
        catch (Exception e)
        {
            action = default;
            Fail(index, e);
        }
        finally
        {
            Filters.Leave();
        }

        return false;
    }

    /// <summary>Does what a filter answered. True: go on with the filter after it.</summary>
    private bool Apply(FilterAction action)
    {
        if (IsClosed)
        {
            return false;
        }

        switch (action.Kind)
        {
            case FilterActionKind.Continue:
                return true;
            case FilterActionKind.Terminate:
                Stream.Terminate();
                return false;
            case FilterActionKind.WaitAllData or FilterActionKind.Hold when _work == Work.Headers && CanCollect:
                return BeginCollecting(action.Kind == FilterActionKind.Hold);
            case FilterActionKind.Hold:
                return false;
            case FilterActionKind.Release when _work == Work.Data && _holding && _dataIndex == _collector:
                Whole.Append(_piece!.Span);
                _piece.Release();
                EndHold(clearRoute: false);
                return false;
            case FilterActionKind.ReMatchRoute when _work is Work.Data or Work.Trailers && _holding && _dataIndex == _collector:
                TakePieceAndHeld();
                EndHold(clearRoute: true);
                return false;
            case FilterActionKind.Release when _work == Work.Trailers:
                ReleaseBeforeTrailers();
                return false;
            case FilterActionKind.Release:
                return true;
            default:
                return ApplyOther(action);
        }
    }

    private bool BeginCollecting(bool hold)
    {
        _collector = Index;
        _holding = hold;
        bool isHere = HasCollected && _whole is { IsEmpty: false };
        if (!HasEnded && !isHere)
        {
            OnCollect();
            return false;
        }

        if (!HasCollected && !hold)
        {
            return RunWhole();
        }

        if (!isHere && HasTrailers)
        {
            _dataIndex = _lastCollector + 1;
            RunTrailers();
            return false;
        }

        // It is here already, for a filter before this one: those between the two have yet to see it.
        ReleaseCollected();
        return false;
    }

    /// <summary>What the filter at <see cref="_collector"/> held back is in <see cref="Whole"/> now: the headers go on, and the body after them.</summary>
    private void EndHold(bool clearRoute)
    {
        _lastCollector = _collector;
        _collector = -1;
        _holding = false;
        if (clearRoute)
        {
            OnRouteCleared();
        }

        Index++;
        Run();
    }

    /// <summary>What the holder lets go, from inside a call to it.</summary>
    private void TakePieceAndHeld()
    {
        if (_work == Work.Data)
        {
            Whole.Append(_piece!.Span);
            _piece.Release();
        }
        else
        {
            HolderAt(_collector).TakeHeld(IsResponse, Whole);
        }
    }

    private IHoldingFilter HolderAt(int place) => (IHoldingFilter)Filters.At(_order[place])!;

    private void ReleaseFrom(int place, bool clearRoute)
    {
        if (_holding && _collector == place)
        {
            HolderAt(place).TakeHeld(IsResponse, Whole);
            EndHold(clearRoute);
        }
        else
        {
            ReleaseBody(place);
        }
    }

    /// <summary>Body bytes that the filter at <paramref name="place"/> kept, in the middle of the body, pass those behind it.</summary>
    private void ReleaseBody(int place)
    {
        HolderAt(place).TakeHeld(IsResponse, _piece ??= new());
        _dataIndex = place + 1;
        RunData();
    }

    /// <summary>The filter that has just seen the trailers kept body bytes, which go first.</summary>
    private void ReleaseBeforeTrailers()
    {
        if (_holding && _dataIndex == _collector)
        {
            TakePieceAndHeld();
            EndHold(clearRoute: false);
            return;
        }

        _trailersFrom = _dataIndex + 1;
        ReleaseBody(_dataIndex);
        RunHeldTrailers();
    }

    private int PlaceOf(StreamFilter filter)
    {
        for (int place = 0; place < _order.Length; place++)
        {
            if (Filters.At(_order[place]) == filter)
            {
                return place;
            }
        }

        return -1;
    }

    private bool RunWhole()
    {
        _lastCollector = _collector;
        _collector = -1;
        _work = Work.Whole;
        return Invoke(Index, out var action) && Apply(action);
    }

    private void RunData()
    {
        // Filters behind one that collects see the body when it is whole.
        int end = !IsCollecting ? Count : _holding ? _collector + 1 : _collector;
        bool last = HasEnded && !HasTrailers;
        for (; _dataIndex < end && (last || !_piece!.IsEmpty); _dataIndex++)
        {
            if ((FactoryAt(_dataIndex).Methods & DataMethod) != 0)
            {
                _work = Work.Data;
                if (!Invoke(_dataIndex, out var action) || !Apply(action))
                {
                    return;
                }
            }
        }

        if (!IsCollecting)
        {
            Forward(_piece!.Span, last);
            _piece.Release();
            return;
        }

        if (_holding)
        {
            // The holder has taken what it keeps; the rest it dropped.
            _piece!.Release();
            return;
        }

        // The piece is let go of before the message goes on: what is collected may become a piece again further on.
        Whole.Append(_piece!.Span);
        _piece.Release();
        Collect(default, last);
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

    private void RunTrailers()
    {
        int end = !IsCollecting ? Count : _holding ? _collector + 1 : _collector;
        for (; _dataIndex < end && !PassBy; _dataIndex++)
        {
            if ((FactoryAt(_dataIndex).Methods & TrailersMethod) != 0)
            {
                _work = Work.Trailers;
                if (!Invoke(_dataIndex, out var action) || !Apply(action))
                {
                    return;
                }
            }
        }

        if (!IsCollecting)
        {
            ForwardTrailers();
        }
        else if (_holding)
        {
            // A holder that lets trailers pass lets go of what it held.
            TakePieceAndHeld();
            EndHold(clearRoute: false);
        }
        else if (RunWhole())
        {
            Index++;
            Run();
        }
    }

    private void Collect(ReadOnlySpan<byte> data, bool endStream)
    {
        Whole.Append(data);
        if (Whole.Length > Stream.Site.MaxBufferedBody)
        {
            OnTooLarge();
        }
        else if (endStream && RunWhole())
        {
            Index++;
            Run();
        }
    }

    private void OnCallEnded()
    {
        GoOnAfterCall();
        while (_lateReleases is { Count: > 0 } && !IsWaiting && !IsClosed)
        {
            // What is further on goes first: it came first.
            int place = _lateReleases.Max;
            _ = _lateReleases.Remove(place);
            ReleaseFrom(place, _lateClear);
        }

        Stream.UpdateFlow();
    }

    private void GoOnAfterCall()
    {
        var work = _work;
        FilterAction action;
        try
        {
            action = _call.TakeResult();
        }
        catch (Exception e)
        {
            if (Stream.OnFilterResumed())
            {
                Fail(AnsweringIndex, e);
            }

            return;
        }

        if (!Stream.OnFilterResumed() || !Apply(action))
        {
            return;
        }

        switch (work)
        {
            case Work.Data:
                _dataIndex++;
                RunData();
                // A collected body is one piece, and its trailers are here already.
                RunHeldTrailers();
                break;
            case Work.Trailers:
                _dataIndex++;
                RunTrailers();
                break;
            default:
                Index++;
                Run();
                break;
        }
    }
}
