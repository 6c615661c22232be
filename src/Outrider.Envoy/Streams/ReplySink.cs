using Outrider.Filters;
using Outrider.Hosting.Calls;
using Outrider.Hosting.Driving;

namespace Outrider.Envoy.Streams;

/// <summary>What the driver of the filter knows of an answer of the filter's own.</summary>
internal struct ReplySink(ReplyPath path) : IFilterSink
{
    private SynchronizationContext? _outer;

    public readonly bool IsClosed => path.IsClosed || path.Stream.Link.IsOver;

    public readonly bool IsWhole => path.IsHeadAlone;

    public readonly bool CanCollect => true;

    public readonly bool IsResponse => true;

    public readonly ReceiverPhase Phase => path.Stream.Phase;

    public readonly FilterCall Pending => path.Pending;

    public readonly bool Overrides(FilterWork work) => path.Overrides(work);

    public StreamFilter Enter()
    {
        _outer = path.Stream.Filter.Enter(out var filter);
        return filter;
    }

    public readonly void Leave() => path.Stream.Filter.Leave(_outer);

    public readonly ValueTask<FilterAction> Call(StreamFilter filter, FilterWork work, bool endStream) => path.Call(filter, work, endStream);

    public readonly void OnWaits() => path.Stream.OnFilterWaits();

    public readonly bool OnResumed(Exception? failure) => path.Stream.OnFilterResumed(failure);

    public readonly bool MayReply(FilterAction answer) => !path.IsHeadSent;

    public readonly void Reply(FilterAction answer) => path.ReplaceWith(answer);

    public readonly void Terminate() => path.Stream.Replies.Terminate();

    public readonly void Fail(Exception e) => path.Fail(e);
}
