using Outrider.Proxy.Streams.Records;

namespace Outrider.Proxy.Streams.Callouts;

/// <summary>
/// The requests of a stream's filters: how many are under way, and the streamed ones of a stream's filters, as the stream's flow sees them: their bodies come from its client mostly and their
/// answers go there, so an upstream of theirs that takes nothing holds the client back, and a client that takes nothing holds them.
/// Lives with its stream; on its loop.
/// </summary>
internal sealed class StreamedCalls(ListenerServices services, IFlowOwner owner) : ICallFlow
{
    private readonly List<UpstreamCall> _calls = [];
    private int _running;

    /// <summary>Are there as many as a stream may have at a time (<c>max_callouts</c>)?</summary>
    internal bool IsFull => _running >= services.MaxCallouts;

    /// <summary>Must the client wait with the rest of its request?</summary>
    internal bool HoldRequest
    {
        get
        {
            foreach (var call in _calls)
            {
                if (call.IsBlocked)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>One begins, streamed or not.</summary>
    internal void Begin() => _running++;

    /// <summary>It is over.</summary>
    internal void End() => _running--;

    public void Add(UpstreamCall call) => _calls.Add(call);

    public void Remove(UpstreamCall call)
    {
        if (_calls.Remove(call))
        {
            owner.UpdateFlow();
        }
    }

    /// <summary>An upstream takes nothing, or takes it again.</summary>
    public void OnFlow() => owner.UpdateFlow();

    /// <summary>The client takes no more for now, or takes it again.</summary>
    internal void HoldAnswers(bool hold)
    {
        foreach (var call in _calls)
        {
            call.HoldAnswer(hold);
        }
    }
}
