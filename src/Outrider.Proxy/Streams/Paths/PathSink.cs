using Outrider.Filters;
using Outrider.Hosting.Calls;
using Outrider.Hosting.Driving;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>What the driver of one filter knows of the engine: the filter's place on one way.</summary>
internal readonly struct PathSink(FilterCalls calls, int place) : IFilterSink
{
    public bool IsClosed => calls.State.IsClosed;

    public bool IsWhole => calls.State.IsHeadAlone;

    public bool CanCollect => calls.CanCollect;

    public bool IsResponse => calls.IsResponse;

    public ReceiverPhase Phase => calls.Places.FactoryAt(place).Phase;

    public FilterCall Pending => calls.Pending;

    public bool Overrides(FilterWork work) => calls.Overrides(place, work);

    public StreamFilter Enter() => calls.Places.Enter(place);

    public void Leave() => calls.Places.Leave();

    public ValueTask<FilterAction> Call(StreamFilter filter, FilterWork work, bool endStream) => calls.Call(filter, place, work, endStream);

    public void OnWaits() => calls.OnWaits();

    public bool OnResumed(Exception? failure) => calls.OnResumed();

    public bool MayReply(FilterAction answer) => calls.MayReply;

    public void Reply(FilterAction answer) => calls.ReplyFrom(place, answer);

    public void Terminate() => calls.Terminate();

    public void Fail(Exception e) => calls.Fail(place, e);
}
