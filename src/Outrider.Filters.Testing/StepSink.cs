using Outrider.Hosting.Calls;
using Outrider.Hosting.Driving;

namespace Outrider.Filters.Testing;

/// <summary>What the driver of one filter knows of the host in memory.</summary>
internal readonly struct StepSink(PathStep step) : IFilterSink
{
    public bool IsClosed => step.IsClosed;

    public bool IsWhole => step.IsHeadAlone;

    public bool CanCollect => true;

    public bool IsResponse => step.IsResponse;

    public ReceiverPhase Phase => step.Entry.Factory.Phase;

    public FilterCall Pending => step.Pending;

    public bool Overrides(FilterWork work) => step.Overrides(work);

    public StreamFilter Enter() => step.Filter;

    public void Leave()
    {
        // The loop's context is the thread's for good.
    }

    public ValueTask<FilterAction> Call(StreamFilter filter, FilterWork work, bool endStream) => step.Call(filter, work, endStream);

    public void OnWaits() => step.OnWaits();

    public bool OnResumed(Exception? failure) => step.OnResumed(failure);

    public bool MayReply(FilterAction answer) => !step.Run.Response.IsHeadSent;

    public void Reply(FilterAction answer) => step.Run.ReplyFrom(step, answer);

    public void Terminate() => step.Run.Cut();

    public void Fail(Exception e) => step.Run.Fail(step.Entry.Name, e);
}
