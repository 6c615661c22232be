namespace Outrider.Net.Loops;

/// <summary>
/// The connections of a loop that have something left to do though no event will tell: output and news for their owners when the event
/// at hand is done, input when others have had their turn. A connection asks for it itself, once until it is served. On the loop.
/// </summary>
internal sealed class ConnectionTurns(EventLoop loop)
{
    private readonly List<Turn> _flushing = [];
    private readonly List<Turn> _batchFlushing = [];
    private readonly List<Turn> _ready = [];
    private readonly List<Turn> _readyNow = [];

    /// <summary>Does any wait for its turn to read?</summary>
    internal bool HasReady => _ready.Count > 0;

    /// <summary>The connection has output, or news for its owner, that is to be dealt with when the event at hand is done.</summary>
    internal void Flush(LoopHandle connection) => _flushing.Add(new(connection));

    /// <summary>As <see cref="Flush"/>, but when all events at hand are done: what they all have left on it is dealt with once.</summary>
    internal void FlushWithBatch(LoopHandle connection) => _batchFlushing.Add(new(connection));

    /// <summary>The connection may have input that no event will tell of again.</summary>
    internal void ReadLater(LoopHandle connection) => _ready.Add(new(connection));

    /// <summary>Deals with what the last event left to be written. Owners' callbacks may add to it while it runs.</summary>
    internal void RunFlushes() => Run(_flushing);

    /// <summary>Deals with what all events at hand left to be written.</summary>
    internal void RunBatchFlushes()
    {
        while (_batchFlushing.Count > 0)
        {
            Run(_batchFlushing);
            RunFlushes();
        }
    }

    /// <summary>Gives those that wait for it their turn to read, each once.</summary>
    internal void RunReady()
    {
        _readyNow.AddRange(_ready);
        _ready.Clear();
        foreach (var turn in _readyNow)
        {
            var connection = turn.Connection;
            loop.CountCallback();
            try
            {
                connection.RunReady();
            }
            catch (Exception e)
            {
                loop.Report(e);
                connection.OnFailure();
            }

            RunFlushes();
        }

        _readyNow.Clear();
    }

    private void Run(List<Turn> flushing)
    {
        for (int i = 0; i < flushing.Count; i++)
        {
            var connection = flushing[i].Connection;
            loop.CountCallback();
            try
            {
                connection.RunFlush();
            }
            catch (Exception e)
            {
                loop.Report(e);
                connection.OnFailure();
            }
        }

        flushing.Clear();
    }

    // A struct: an array of references asks for the type of whatever is put into it.
    private readonly record struct Turn(LoopHandle Connection);
}
