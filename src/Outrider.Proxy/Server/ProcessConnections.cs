using Outrider.Net.Descriptors;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Proxy.Server;

/// <summary>
/// How many clients' connections the proxy takes in all: as many as the configuration says, and as many as there are descriptors
/// for. A connection needs one while it rests and a second one, for the upstream, while a request is under way. Any thread.
/// </summary>
/// <param name="budget">The process's descriptors.</param>
/// <param name="stats">Tells how many requests are under way.</param>
internal sealed class ProcessConnections(DescriptorBudget budget, ProxyStats stats)
{
    // A limit below this would be no proxy at all; the descriptors' numbers still say no where it cannot be kept.
    private const int LeastRoom = 4;

    private readonly ConnectionLimit _limit = new(int.MaxValue);
    private int _room = int.MaxValue;

    /// <summary>Connections that are open.</summary>
    internal int Count => _limit.Count;

    /// <summary>The limit in force: the smaller of what is configured and what there are descriptors for.</summary>
    internal int Max => _limit.Max;

    /// <summary>Descriptors that connections may take, after <see cref="Settle"/>.</summary>
    internal int Room => _room;

    /// <summary>The process has started and knows what it needs for itself.</summary>
    /// <param name="configured"><c>max_connections</c>; 0 for what there are descriptors for.</param>
    internal void Settle(int configured)
    {
        budget.Settle();
        _room = Math.Max(LeastRoom, budget.AcceptCeiling - budget.InUseAtStart);
        Configure(configured);
    }

    /// <summary>Takes another limit. Lowering it closes nothing.</summary>
    internal void Configure(int configured) => _limit.Max = configured > 0 ? Math.Min(configured, _room) : _room;

    /// <summary>One more, if there may be one.</summary>
    internal bool TryEnter()
    {
        if (!_limit.TryEnter())
        {
            return false;
        }

        // No more requests can be under way than there are connections: below half there is nothing to look at.
        int count = _limit.Count;
        if (count <= _room / 2 || count + stats.StreamsActive <= _room)
        {
            return true;
        }

        _limit.Leave();
        return false;
    }

    /// <summary>One less.</summary>
    internal void Leave() => _limit.Leave();
}
