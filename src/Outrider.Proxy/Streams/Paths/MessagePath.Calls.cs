using Outrider.Filters;
using Outrider.Hosting.Driving;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>What the drivers of the filters ask of this way, and what their directives do to the message.</summary>
internal abstract partial class MessagePath
{
    internal StreamFilter Enter(int place) => Filters.Enter(_order[place]);

    internal void Leave() => Filters.Leave();

    internal void OnWaits() => Stream.OnFilterWaits();

    internal bool OnResumed() => Stream.OnFilterResumed();

    internal void Terminate() => Stream.Terminate();

    internal void Fail(int place, Exception e) => Stream.OnFilterFailed(NameAt(place), e);

    /// <summary>The filter at this place, as far as its factory tells.</summary>
    internal IStreamFilterFactory FactoryAt(int place) => Filters.Set.Factories[_order[place]];

    internal bool Overrides(int place, FilterWork work) => work == FilterWork.Whole || (FactoryAt(place).Methods & MethodOf(work)) != 0;

    /// <summary>Calls a method of the filter at a place.</summary>
    internal ValueTask<FilterAction> Call(StreamFilter filter, int place, FilterWork work, bool endStream)
    {
        switch (work)
        {
            case FilterWork.Headers:
                return CallHeaders(filter, endStream);
            case FilterWork.Data:
                return CallData(filter, _piece!, endStream);
            case FilterWork.Trailers:
                return CallTrailers(filter, _rest ??= new());
            default:
                _lastCollector = place;
                _collector = -1;
                return CallWhole(filter);
        }
    }

    /// <summary>Shows the head to the filter at <see cref="Index"/>. True: go on with the next.</summary>
    private protected bool RunHeaders()
    {
        _answering = Index;
        var sink = new PathSink(this, Index);
        return Apply(_drivers[Index].OnHead(ref sink, IsHeadAlone));
    }

    private protected string NameAt(int place) => Filters.Set.Names[_order[place]];

    private bool ShowData(int place, bool isEmpty, bool endStream)
    {
        _answering = place;
        var sink = new PathSink(this, place);
        var directive = _drivers[place].OnData(ref sink, isEmpty, endStream);
        return directive == Directive.Unseen || (directive != Directive.Collect && Apply(directive));
    }

    private bool ShowTrailers(int place)
    {
        _answering = place;
        var sink = new PathSink(this, place);
        return Apply(_drivers[place].OnTrailers(ref sink));
    }

    /// <summary>Does what the driver of the filter at <see cref="_answering"/> says. True: go on with the filter behind it.</summary>
    private bool Apply(Directive directive)
    {
        switch (directive)
        {
            case Directive.Unseen:
                return true;
            case Directive.Pass:
                return _drivers[_answering].Work != FilterWork.Trailers || _rest is not { IsEmpty: false } || PassRest(_rest);
            case Directive.PassMade:
                TakeMadeBody();
                return true;
            case Directive.Collect:
                BeginCollecting();
                return false;
            case Directive.Keep:
                // Of a piece nothing is left to go on; a head waits.
                return _drivers[_answering].Work == FilterWork.Data;
            case Directive.Release or Directive.ReleaseAndMatchRoute:
                TakePieceAndHeld();
                EndHold(clearRoute: directive == Directive.ReleaseAndMatchRoute);
                return false;
            case Directive.ReleaseBody:
                ReleaseBeforeTrailers();
                return false;
            case Directive.MatchRoute or Directive.ChooseHost:
                if (_drivers[_answering].Work == FilterWork.Headers)
                {
                    TakeMadeBody();
                }

                return Route(directive);
            default:
                return false;
        }
    }

    private void OnCallEnded()
    {
        if (_isStale)
        {
            DropAnswer();
        }
        else
        {
            GoOnAfterCall();
        }

        while (!IsWaiting && !IsClosed && _lateReleases.TryTake(out int place, out bool clearRoute))
        {
            ReleaseFrom(place, clearRoute);
        }

        Stream.UpdateFlow();
    }

    // The message that the filter was at work on was replaced meanwhile: what it says of that one counts no more.
    private void DropAnswer()
    {
        _isStale = false;
        try
        {
            _ = _call.TakeResult();
            _ = Stream.OnFilterResumed();
        }
        catch (Exception e)
        {
            if (Stream.OnFilterResumed())
            {
                Stream.Site.OnFilterError(Stream, NameAt(_answering), e);
            }
        }
    }

    private void GoOnAfterCall()
    {
        var sink = new PathSink(this, _answering);
        ref var driver = ref _drivers[_answering];
        var work = driver.Work;
        if (!Apply(driver.OnAnswer(ref sink)))
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
                Index++;
                Run();
                break;
        }
    }
}
