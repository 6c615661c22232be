namespace Outrider.Proxy.Streams;

/// <summary>
/// The streamed requests of a stream's filters, as the stream's flow sees them: their bodies come from its client mostly and their
/// answers go there, so an upstream of theirs that takes nothing holds the client back, and a client that takes nothing holds them.
/// Lives with its stream; on its loop.
/// </summary>
internal sealed class StreamedCalls(ProxyStream stream)
{
    private readonly List<UpstreamCall> _calls = [];

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

    internal void Add(UpstreamCall call) => _calls.Add(call);

    internal void Remove(UpstreamCall call)
    {
        if (_calls.Remove(call))
        {
            stream.UpdateFlow();
        }
    }

    /// <summary>An upstream takes nothing, or takes it again.</summary>
    internal void OnFlow() => stream.UpdateFlow();

    /// <summary>The client takes no more for now, or takes it again.</summary>
    internal void HoldAnswers(bool hold)
    {
        foreach (var call in _calls)
        {
            call.HoldAnswer(hold);
        }
    }
}
