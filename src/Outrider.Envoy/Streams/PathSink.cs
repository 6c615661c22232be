using Outrider.Filters;
using Outrider.Hosting.Calls;
using Outrider.Hosting.Driving;

namespace Outrider.Envoy.Streams;

/// <summary>What the driver of the filter knows of a message that is inside Envoy.</summary>
internal struct PathSink(MessagePath path) : IFilterSink
{
    private SynchronizationContext? _outer;

    public readonly bool IsClosed => path.IsClosed || path.Stream.Link.IsOver;

    public readonly bool IsWhole => path.HasEnded;

    public readonly bool CanCollect => path.Side.CanCollect;

    public readonly bool IsResponse => path.Side.IsResponse;

    public readonly ReceiverPhase Phase => path.Stream.Phase;

    public readonly FilterCall Pending => path.Pending;

    public readonly bool Overrides(FilterWork work) => path.Shows.Has(work);

    public StreamFilter Enter()
    {
        _outer = path.Stream.Filter.Enter(out var filter);
        return filter;
    }

    public readonly void Leave() => path.Stream.Filter.Leave(_outer);

    public readonly ValueTask<FilterAction> Call(StreamFilter filter, FilterWork work, bool endStream)
        => work == FilterWork.Headers ? path.Side.CallHeaders(filter, endStream) : path.Call(filter, work, endStream);

    public readonly void OnWaits() => path.Stream.OnFilterWaits();

    public readonly bool OnResumed(Exception? failure) => path.Stream.OnFilterResumed(failure);

    // Envoy knows how far the response has come, and ends the stream where it is too late.
    public readonly bool MayReply(FilterAction answer) => true;

    public readonly void Reply(FilterAction answer) => path.Stream.Replies.Reply(answer, ofRequest: !path.Side.IsResponse);

    public readonly void Terminate() => path.Stream.Replies.Terminate();

    public readonly void Fail(Exception e) => path.Stream.Replies.Fail(e);
}
