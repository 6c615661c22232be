using Outrider.Filters;
using Outrider.Hosting.Driving;
using Outrider.Proxy.FilterChains;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>A filter that keeps the body to itself, piece by piece, and says when the message goes on.</summary>
internal abstract partial class MessagePath
{
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
            _lateReleases.Add(place, clearRoute);
            return;
        }

        ReleaseFrom(place, clearRoute);
        Stream.UpdateFlow();
    }

    private void ReleaseFrom(int place, bool clearRoute)
    {
        if (_drivers[place].OnReleased())
        {
            HolderAt(place).TakeHeld(IsResponse, Whole);
            EndHold(clearRoute);
        }
        else
        {
            ReleaseBody(place);
        }
    }

    /// <summary>What the filter at <see cref="_collector"/> held back is in <see cref="Whole"/> now: the headers go on, and the body after them.</summary>
    private void EndHold(bool clearRoute)
    {
        _lastCollector = _collector;
        _collector = -1;
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
        if (_drivers[_answering].Work == FilterWork.Data)
        {
            Whole.Append(_piece!.Span);
            _piece.Release();
        }
        else
        {
            HolderAt(_answering).TakeHeld(IsResponse, Whole);
        }
    }

    /// <summary>The filter that has just seen the head of a message without a body may have made one, which the filters behind it see.</summary>
    private void TakeMadeBody()
    {
        if (!HasEnded || HasTrailers || Filters.At(_order[Index]) is not IHoldingFilter maker)
        {
            return;
        }

        maker.TakeHeld(IsResponse, Whole);
        if (!Whole.IsEmpty)
        {
            // As if it had been collected here: it goes out with the head, once its length is known.
            _lastCollector = Index;
        }
    }

    private IHoldingFilter HolderAt(int place) => (IHoldingFilter)Filters.At(_order[place])!;

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
}
