using Outrider.Filters;
using Outrider.Upstream;

namespace Outrider.Proxy.Streams.Callouts;

/// <summary>A request of a filter's own whose answer is wanted whole. On the loop; its end is told once, unless it is cancelled.</summary>
internal sealed class CollectedCall : IUpstreamCallOwner
{
    private readonly int _limit;
    private readonly Action<CollectedCall, CollectedCallEnd> _ended;

    private CollectedCall(int limit, Action<CollectedCall, CollectedCallEnd> ended)
    {
        _limit = limit;
        _ended = ended;
    }

    /// <summary>The request, and the answer's head.</summary>
    internal UpstreamCall Call { get; private set; } = null!;

    /// <summary>The answer's body, as far as it has come. Given back when its end has been told.</summary>
    internal BodyHold Body { get; } = new();

    /// <summary>A call to a host of that cluster, not yet started; null when it has none.</summary>
    /// <param name="source">Who asks for the stream.</param>
    /// <param name="cluster">Who is asked.</param>
    /// <param name="ended">Told how it ended.</param>
    internal static CollectedCall? Create(ICallSource source, Cluster cluster, Action<CollectedCall, CollectedCallEnd> ended)
    {
        var collected = new CollectedCall(source.MaxBufferedBody, ended);
        if (source.Call(cluster, collected) is not { } call)
        {
            return null;
        }

        collected.Call = call;
        return collected;
    }

    /// <summary>Wants no answer any more; nothing is told.</summary>
    internal void Cancel()
    {
        Call.Cancel();
        Body.Release();
    }

    public void OnCallHead(UpstreamCall call, bool endStream)
    {
        if (endStream)
        {
            End(CollectedCallEnd.Answered);
        }
    }

    public void OnCallData(UpstreamCall call, ReadOnlySpan<byte> data, bool endStream)
    {
        if (Body.Length + data.Length > _limit)
        {
            call.Cancel();
            End(CollectedCallEnd.TooLarge);
            return;
        }

        Body.Append(data);
        if (endStream)
        {
            End(CollectedCallEnd.Answered);
        }
    }

    public void OnCallTrailers(UpstreamCall call) => End(CollectedCallEnd.Answered);

    public void OnCallFailed(UpstreamCall call, bool connected, bool timedOut, bool protocolError) => End(CollectedCallEnd.Failed);

    private void End(CollectedCallEnd end)
    {
        _ended(this, end);
        Body.Release();
    }
}

/// <summary>How a <see cref="CollectedCall"/> ended.</summary>
internal enum CollectedCallEnd
{
    /// <summary>With an answer, whatever its status.</summary>
    Answered,

    /// <summary>With an answer that is larger than may be collected.</summary>
    TooLarge,

    /// <summary>Without a (whole) answer.</summary>
    Failed,
}
