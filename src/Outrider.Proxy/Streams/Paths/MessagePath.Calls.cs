using Outrider.Filters;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>Calls into filters, one at a time, and what each answer does to the message.</summary>
internal abstract partial class MessagePath
{
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

    /// <summary>The place of the filter whose answer is waited for or being applied.</summary>
    private protected int AnsweringIndex => _work is Work.Data or Work.Trailers ? _dataIndex : Index;

    /// <summary>Did the answer come from a headers method or from one for the whole message, and not from amid a body?</summary>
    private protected bool IsHeadAnswer => _work is Work.Headers or Work.Whole;

    /// <summary>Calls the headers method of the filter at <see cref="Index"/>. True: go on with the next.</summary>
    private protected bool RunHeaders()
    {
        _work = Work.Headers;
        return Invoke(Index, out var action) && Apply(action);
    }

    /// <summary>The filter at this place, as far as its factory tells.</summary>
    private protected IStreamFilterFactory FactoryAt(int index) => Filters.Set.Factories[_order[index]];

    private protected string NameAt(int index) => Filters.Set.Names[_order[index]];

    private protected void Fail(int index, Exception e) => Stream.OnFilterFailed(NameAt(index), e);

    private protected void FailAction(FilterAction action)
        => Fail(AnsweringIndex, new InvalidOperationException($"{action} is not an answer to this method, or not in this phase"));

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
                _ => CallTrailers(filter, _rest ??= new()),
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
                return _work != Work.Trailers || _rest is not { IsEmpty: false } || PassRest(_rest);
            case FilterActionKind.Terminate:
                Stream.Terminate();
                return false;
            case FilterActionKind.WaitAllData or FilterActionKind.Hold when _work == Work.Headers && CanCollect:
                return BeginCollecting(action.Kind == FilterActionKind.Hold);
            case FilterActionKind.WaitAllData when _work == Work.Headers:
                // What follows an upgrade has no end that could be waited for.
                return true;
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
            case FilterActionKind.Release when _work == Work.Headers:
                TakeMadeBody();
                return true;
            case FilterActionKind.Release:
                return true;
            case FilterActionKind.ReMatchRoute when _work == Work.Headers:
                TakeMadeBody();
                return ApplyOther(action);
            default:
                return ApplyOther(action);
        }
    }

    private void OnCallEnded()
    {
        GoOnAfterCall();
        while (!IsWaiting && !IsClosed && _lateReleases.TryTake(out int place, out bool clearRoute))
        {
            ReleaseFrom(place, clearRoute);
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
