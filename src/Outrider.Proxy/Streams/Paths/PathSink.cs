using Outrider.Filters;
using Outrider.Hosting.Calls;
using Outrider.Hosting.Driving;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>What the driver of one filter knows of the engine: the filter's place on one way.</summary>
internal readonly struct PathSink(MessagePath path, int place) : IFilterSink
{
    public bool IsClosed => path.IsClosed;

    public bool IsWhole => path.IsHeadAlone;

    public bool CanCollect => path.CanCollect;

    public bool IsResponse => path.IsResponse;

    public ReceiverPhase Phase => path.FactoryAt(place).Phase;

    public FilterCall Pending => path.Pending;

    public bool Overrides(FilterWork work) => path.Overrides(place, work);

    public StreamFilter Enter() => path.Enter(place);

    public void Leave() => path.Leave();

    public ValueTask<FilterAction> Call(StreamFilter filter, FilterWork work, bool endStream) => path.Call(filter, place, work, endStream);

    public void OnWaits() => path.OnWaits();

    public bool OnResumed(Exception? failure) => path.OnResumed();

    public bool MayReply(FilterAction answer) => path.MayReply;

    public void Reply(FilterAction answer) => path.ReplyFrom(place, answer);

    public void Terminate() => path.Terminate();

    public void Fail(Exception e) => path.Fail(place, e);
}
