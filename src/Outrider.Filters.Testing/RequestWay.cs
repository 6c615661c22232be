namespace Outrider.Filters.Testing;

/// <summary>A request's way: the filters by phase, and the upstream behind them. On the host's loop.</summary>
internal sealed class RequestWay
{
    private readonly UpstreamEnd _upstream;
    private readonly List<PathStep> _steps = [];
    private IMessageStep _first;

    internal RequestWay(StreamRun run) => _first = _upstream = new UpstreamEnd(run);

    /// <summary>Where the request comes in.</summary>
    internal IMessageStep First => _first;

    /// <summary>Has the head left the filters?</summary>
    internal bool IsHeadGone { get; set; }

    internal MessageEnd End => _upstream;

    internal void Begin(StreamRun run)
    {
        foreach (int place in run.Chain.ReceiverOrder.Reverse())
        {
            var step = new PathStep(run, place, isResponse: false, _first);
            _steps.Add(step);
            _first = step;
        }
    }

    /// <summary>Nothing of the request is of use any more.</summary>
    internal void Close()
    {
        _upstream.IsClosed = true;
        _steps.ForEach(static step => step.Close());
    }
}
