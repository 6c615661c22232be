namespace Outrider.Filters.Testing;

/// <summary>The route of one stream, once it is matched. On the host's loop.</summary>
internal sealed class StreamRoute(StreamRun run)
{
    private bool _hostIsChosen;

    /// <summary>The matched route; null before the match, and where none matches.</summary>
    internal TestChain.Compiled? Current { get; private set; }

    /// <summary>The cluster, once a host of it is chosen.</summary>
    internal string? ClusterName => _hostIsChosen ? Current?.Cluster : null;

    /// <summary>Matches it, unless that is done.</summary>
    internal void Match() => Current ??= run.Chain.Match(run.RequestHeaders.PathString);

    /// <summary>Matches it again. Before the first match there is nothing to be matched again.</summary>
    internal void MatchAgain()
    {
        if (Current is not null)
        {
            Current = run.Chain.Match(run.RequestHeaders.PathString);
            _hostIsChosen = false;
        }
    }

    /// <summary>Chooses a host. False: there is no route to one.</summary>
    internal bool ChooseHost()
    {
        Match();
        return _hostIsChosen = Current is not null;
    }
}
