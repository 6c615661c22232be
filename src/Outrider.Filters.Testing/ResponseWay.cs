namespace Outrider.Filters.Testing;

/// <summary>A response's way: the filters in order, and the client behind them. Made anew where an answer takes another's place. On the host's loop.</summary>
internal sealed class ResponseWay(StreamRun run)
{
    private readonly List<PathStep> _steps = [];
    private ClientEnd? _client;

    internal TestResponseHeaders? Headers { get; private set; }

    internal TestTrailers? Trailers { get; private set; }

    /// <summary>Has the client the head?</summary>
    internal bool IsHeadSent { get; set; }

    /// <summary>Is there a response?</summary>
    internal bool HasBegun => _client is not null;

    /// <summary>Is a filter at work on it?</summary>
    internal bool IsWaiting => _steps.Exists(step => step.Pending.IsPending);

    /// <summary>Body bytes that the client has.</summary>
    internal long Length => _client?.Pieces.Sum(piece => (long)piece.Length) ?? 0;

    internal MessageEnd End => _client!;

    /// <summary>A response begins, in the place of the one that has begun already, where there is one.</summary>
    /// <param name="head">Its head.</param>
    /// <param name="trailers">Its trailers; null for none.</param>
    /// <param name="from">The first place in the chain whose filter sees it.</param>
    /// <returns>Where it goes in.</returns>
    internal IMessageStep Begin(TestResponseHeaders head, TestTrailers? trailers, int from)
    {
        Close();
        Headers = head;
        Trailers = trailers;
        IMessageStep way = _client = new ClientEnd(run);
        for (int i = run.Chain.Filters.Length - 1; i >= from; i--)
        {
            var step = new PathStep(run, run.Chain.SenderOrder[i], isResponse: true, way);
            _steps.Add(step);
            way = step;
        }

        return way;
    }

    /// <summary>Nothing of the response goes on from here.</summary>
    internal void Close()
    {
        _steps.ForEach(static step => step.Close());
        if (_client is not null)
        {
            _client.IsClosed = true;
        }
    }

    /// <summary>What the client has; null where that is nothing.</summary>
    internal TestResponse? Gather() => IsHeadSent ? _client!.Gather() : null;
}
