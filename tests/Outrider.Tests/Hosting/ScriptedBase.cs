using Outrider.Filters;
using Outrider.Hosting.Calls;
using Outrider.Hosting.Driving;

namespace Outrider.Tests.Hosting;

/// <summary>A base for a driver's tests: its filter answers what the test says, at once or later, and everything the driver does is written down.</summary>
internal sealed class ScriptedBase
{
    private readonly Queue<Action> _posted = new();
    private TaskCompletionSource<FilterAction>? _pending;

    internal ScriptedBase() => Pending = new FilterCall((work, state) => _posted.Enqueue(() => work(state)), () => Ended = true);

    /// <summary>What the filter answers; a test may change it between events. Null: it is waited for.</summary>
    internal Func<FilterWork, FilterAction?> Answer { get; set; } = _ => FilterAction.Continue;

    internal List<string> Log { get; } = [];

    internal List<FilterWork> Called { get; } = [];

    internal FilterCall Pending { get; }

    internal bool Ended { get; private set; }

    internal bool IsClosed { get; set; }

    internal bool IsWhole { get; set; }

    internal bool CanCollect { get; set; } = true;

    internal bool MayReply { get; set; } = true;

    internal bool IsResponse { get; set; }

    internal bool Lives { get; set; } = true;

    internal ReceiverPhase Phase { get; set; } = ReceiverPhase.AfterChooseHost;

    internal HashSet<FilterWork> Methods { get; } = [FilterWork.Headers, FilterWork.Data, FilterWork.Trailers, FilterWork.Whole];

    internal ScriptedSink Sink => new(this);

    /// <summary>The call that is waited for ends, and the loop comes to it.</summary>
    internal void Complete(FilterAction answer) => End(pending => pending.SetResult(answer));

    internal void Throw(Exception e) => End(pending => pending.SetException(e));

    internal ValueTask<FilterAction> Call(FilterWork work)
    {
        Called.Add(work);
        if (Answer(work) is { } answer)
        {
            return answer;
        }

        _pending = new TaskCompletionSource<FilterAction>();
        return new(_pending.Task);
    }

    private void End(Action<TaskCompletionSource<FilterAction>> end)
    {
        Ended = false;
        // Otherwise the test framework's context would have the continuation run on another thread.
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        end(_pending!);
        SynchronizationContext.SetSynchronizationContext(outer);
        while (_posted.TryDequeue(out var work))
        {
            work();
        }

        Assert.True(Ended);
    }
}

/// <summary>The sink of a <see cref="ScriptedBase"/>.</summary>
internal readonly struct ScriptedSink(ScriptedBase owner) : IFilterSink
{
    public bool IsClosed => owner.IsClosed;

    public bool IsWhole => owner.IsWhole;

    public bool CanCollect => owner.CanCollect;

    public bool IsResponse => owner.IsResponse;

    public ReceiverPhase Phase => owner.Phase;

    public FilterCall Pending => owner.Pending;

    public bool Overrides(FilterWork work) => owner.Methods.Contains(work);

    public StreamFilter Enter()
    {
        owner.Log.Add("enter");
        return null!;
    }

    public void Leave() => owner.Log.Add("leave");

    public ValueTask<FilterAction> Call(StreamFilter filter, FilterWork work, bool endStream) => owner.Call(work);

    public void OnWaits() => owner.Log.Add("waits");

    public bool OnResumed(Exception? failure)
    {
        owner.Log.Add("resumed");
        return owner.Lives;
    }

    public bool MayReply(FilterAction answer) => owner.MayReply;

    public void Reply(FilterAction answer) => End("reply");

    public void Terminate() => End("terminate");

    public void Fail(Exception e) => End("fail");

    private void End(string how)
    {
        owner.Log.Add(how);
        owner.IsClosed = true;
    }
}
