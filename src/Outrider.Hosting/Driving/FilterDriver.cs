using System.Runtime.CompilerServices;
using Outrider.Filters;
using Outrider.Hosting.Calls;

namespace Outrider.Hosting.Driving;

/// <summary>
/// The life of one filter on one message: an event in, a directive out. Which method is called with what comes, what each answer does
/// to the message, and that a filter sees nothing of a message any more that it has had whole or has let go of. The base has the bytes
/// and the order of filters; this has the rules, which are the same on every base.
/// </summary>
/// <remarks>
/// A base that calls <see cref="IFilterSink.Reply"/>, <see cref="IFilterSink.Terminate"/> or <see cref="IFilterSink.Fail"/> may end the
/// stream, and begin another in the same place, before that returns: nothing here is touched after them.
/// </remarks>
internal struct FilterDriver
{
    private Stage _stage;
    private FilterWork _work;

    private enum Stage : byte
    {
        // The filter sees head, pieces and trailers as they come.
        Streaming,

        // It waits for all of the message, which the base keeps.
        Collecting,

        // It keeps the message to itself, head and body, and says when that goes on.
        Holding,

        // It has had all of it, or has let go of it.
        Done,
    }

    /// <summary>What the filter was last called with.</summary>
    internal readonly FilterWork Work => _work;

    /// <summary>Does the filter wait for all of the message?</summary>
    internal readonly bool IsCollecting => _stage == Stage.Collecting;

    /// <summary>Does the filter keep the message to itself?</summary>
    internal readonly bool IsHolding => _stage == Stage.Holding;

    /// <summary>Will the filter be shown nothing more of this message?</summary>
    internal readonly bool IsDone => _stage == Stage.Done;

    /// <summary>The head has come to this filter.</summary>
    internal Directive OnHead<TSink>(ref TSink sink, bool endStream)
        where TSink : struct, IFilterSink
        => sink.Overrides(FilterWork.Headers) ? Call(ref sink, FilterWork.Headers, endStream) : Directive.Unseen;

    /// <summary>A piece of the body has come to this filter.</summary>
    /// <param name="sink">The base.</param>
    /// <param name="isEmpty">There is nothing in it: it is shown only where it is the end.</param>
    /// <param name="endStream">Nothing of the message follows.</param>
    internal Directive OnData<TSink>(ref TSink sink, bool isEmpty, bool endStream)
        where TSink : struct, IFilterSink
    {
        if (_stage is Stage.Streaming or Stage.Holding)
        {
            return (endStream || !isEmpty) && sink.Overrides(FilterWork.Data) ? Call(ref sink, FilterWork.Data, endStream)
                : _stage == Stage.Holding ? Directive.Keep
                : Directive.Unseen;
        }

        return _stage == Stage.Done ? Directive.Unseen
            : endStream ? CallWhole(ref sink)
            : Directive.Collect;
    }

    /// <summary>The trailers have come to this filter, behind all of the body.</summary>
    internal Directive OnTrailers<TSink>(ref TSink sink)
        where TSink : struct, IFilterSink
    {
        if (_stage is Stage.Streaming or Stage.Holding && sink.Overrides(FilterWork.Trailers))
        {
            return Call(ref sink, FilterWork.Trailers, endStream: true);
        }

        switch (_stage)
        {
            case Stage.Collecting:
                return CallWhole(ref sink);
            case Stage.Holding:
                // What does not ask for trailers cannot wait for anything but them.
                return ReleaseMessage(Directive.Release);
            default:
                return Directive.Unseen;
        }
    }

    /// <summary>The call that was waited for has ended.</summary>
    internal Directive OnAnswer<TSink>(ref TSink sink)
        where TSink : struct, IFilterSink
    {
        FilterAction answer = default;
        Exception? failure = null;
        try
        {
            answer = sink.Pending.TakeResult();
        }
        catch (Exception e)
        {
            failure = e;
        }

        if (!sink.OnResumed(failure))
        {
            return Directive.Stop;
        }

        if (failure is not null)
        {
            sink.Fail(failure);
            return Directive.Stop;
        }

        return Apply(ref sink, answer);
    }

    /// <summary>The filter is to see nothing of this message: it has answered with it.</summary>
    internal void PassBy() => _stage = Stage.Done;

    /// <summary>The filter lets go of what it kept, outside of a call. True: of the head too; otherwise of body bytes alone.</summary>
    internal bool OnReleased()
    {
        if (_stage != Stage.Holding)
        {
            return false;
        }

        _stage = Stage.Done;
        return true;
    }

    private Directive CallWhole<TSink>(ref TSink sink)
        where TSink : struct, IFilterSink
    {
        _stage = Stage.Done;
        return Call(ref sink, FilterWork.Whole, endStream: true);
    }

    private Directive Call<TSink>(ref TSink sink, FilterWork work, bool endStream)
        where TSink : struct, IFilterSink
    {
        _work = work;
        FilterAction answer;
        try
        {
            var filter = sink.Enter();
            try
            {
                if (!TryGet(ref sink, sink.Call(filter, work, endStream), out answer))
                {
                    sink.OnWaits();
                    return sink.IsClosed ? Directive.Stop : Directive.Wait;
                }
            }
            finally
            {
                sink.Leave();
            }
        }
        catch (Exception e)
        {
            sink.Fail(e);
            return Directive.Stop;
        }

        return Apply(ref sink, answer);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryGet<TSink>(ref TSink sink, ValueTask<FilterAction> call, out FilterAction answer)
        where TSink : struct, IFilterSink
        => FilterCall.IsDone(call, out answer) || sink.Pending.TryGet(call, out answer);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Directive Apply<TSink>(ref TSink sink, FilterAction answer)
        where TSink : struct, IFilterSink
        => sink.IsClosed ? Directive.Stop
        : answer.Kind == FilterActionKind.Continue ? Continue()
        : ApplyOther(ref sink, answer);

    private Directive Continue()
        => _stage != Stage.Holding ? Directive.Pass
        : _work == FilterWork.Data ? Directive.Keep
        // A filter that keeps the message and lets the trailers pass lets all of it go.
        : _work == FilterWork.Trailers ? ReleaseMessage(Directive.Release)
        : Directive.Pass;

    private Directive ApplyOther<TSink>(ref TSink sink, FilterAction answer)
        where TSink : struct, IFilterSink
    {
        bool atHead = _work is FilterWork.Headers or FilterWork.Whole;
        switch (answer.Kind)
        {
            case FilterActionKind.Terminate:
                sink.Terminate();
                return Directive.Stop;
            case FilterActionKind.Reply when !(sink.IsResponse && answer.StreamedReply is not null) && sink.MayReply(answer):
                sink.Reply(answer);
                return Directive.Stop;
            case FilterActionKind.WaitAllData when _work == FilterWork.Headers:
                return Collect(ref sink);
            case FilterActionKind.Hold when _work == FilterWork.Headers && sink.CanCollect:
                _stage = Stage.Holding;
                return Directive.Collect;
            case FilterActionKind.Hold:
                return Directive.Keep;
            case FilterActionKind.Release when _work == FilterWork.Headers:
                return Directive.PassMade;
            case FilterActionKind.Release when _stage == Stage.Holding && !atHead:
                return ReleaseMessage(Directive.Release);
            case FilterActionKind.Release:
                return _work == FilterWork.Trailers ? Directive.ReleaseBody : Directive.Pass;
            case FilterActionKind.ReMatchRoute when _stage == Stage.Holding && !atHead:
                return ReleaseMessage(Directive.ReleaseAndMatchRoute);
            case FilterActionKind.ReMatchRoute when atHead && !sink.IsResponse:
                return Directive.MatchRoute;
            case FilterActionKind.ReChooseHost when atHead && !sink.IsResponse && sink.Phase == ReceiverPhase.AfterChooseHost:
                return Directive.ChooseHost;
            default:
                sink.Fail(new InvalidOperationException($"{answer} is not an answer to this method, or not in this phase"));
                return Directive.Stop;
        }
    }

    private Directive Collect<TSink>(ref TSink sink)
        where TSink : struct, IFilterSink
    {
        if (!sink.CanCollect)
        {
            // What follows an upgrade or a CONNECT has no end that could be waited for.
            return Directive.Pass;
        }

        if (sink.IsWhole)
        {
            return CallWhole(ref sink);
        }

        _stage = Stage.Collecting;
        return Directive.Collect;
    }

    private Directive ReleaseMessage(Directive directive)
    {
        _stage = Stage.Done;
        return directive;
    }
}
