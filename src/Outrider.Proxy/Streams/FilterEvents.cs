using Outrider.Filters;
using Outrider.Proxy.FilterChains;
using Outrider.Proxy.Streams.Records;

namespace Outrider.Proxy.Streams;

/// <summary>
/// Tells the filters of a stream what happens beside its messages: the client takes nothing, an answer is made here, the end. What they throw is logged, and does
/// nothing else. Lives, and is used again, with its stream; on its loop.
/// </summary>
internal sealed class FilterEvents
{
    private static readonly Func<StreamFilter, bool> s_blocked = filter =>
    {
        filter.OnResponseBlocked();
        return true;
    };

    private static readonly Func<StreamFilter, bool> s_unblocked = filter =>
    {
        filter.OnResponseUnblocked();
        return true;
    };

    private readonly StreamRecord _record;
    private readonly FilterChain _filters;
    private readonly Action<string, Exception> _threw;
    private bool _isBlocked;

    internal FilterEvents(StreamRecord record, FilterChain filters)
    {
        _record = record;
        _filters = filters;
        _threw = (filter, e) => record.Services.OnFilterError(record.Id, filter, e);
    }

    /// <summary>The client takes no more for now, or takes it again.</summary>
    internal void TellOfClient(bool blocked)
    {
        if (_isBlocked != blocked && !_record.HasEnded && _filters.HasBegun && _filters.Set.Any(StreamFilterMethods.OnFlow))
        {
            _isBlocked = blocked;
            _ = _filters.Tell(StreamFilterMethods.OnFlow, blocked ? s_blocked : s_unblocked, _threw);
        }
    }

    /// <summary>An answer is made here. False: a filter wants the stream to end without it.</summary>
    internal bool TellOfLocalReply(int status, string? details)
        => !_filters.Set.Any(StreamFilterMethods.OnLocalReply) || TellThoseWhoListen(status, details ?? "");

    /// <summary>The stream ends; filters may still be at work.</summary>
    internal void TellOfEnding()
    {
        for (int i = 0; _filters.Set.HasObservers && i < _filters.Count; i++)
        {
            (_filters.At(i) as IStreamObserver)?.OnStreamEnding();
        }
    }

    /// <summary>The stream has ended before its time: tells those who have asked for that.</summary>
    internal void TellOfEarlyEnd()
    {
        try
        {
            _record.EarlyEnd.Tell();
        }
        catch (AggregateException e)
        {
            _record.Services.OnFilterError(_record.Id, "(Aborted)", e);
        }
    }

    /// <summary>All is over but the log.</summary>
    internal void TellOfLog() => _filters.Log(_threw);

    /// <summary>The filters' lives end.</summary>
    internal void Destroy() => _filters.Destroy(_threw);

    /// <summary>Makes ready for the next stream.</summary>
    internal void Reset() => _isBlocked = false;

    // Apart, because what the lambda captures is allocated where the method begins.
    private bool TellThoseWhoListen(int status, string details)
        => _filters.Tell(StreamFilterMethods.OnLocalReply, filter => filter.OnLocalReply(status, details), _threw);
}
