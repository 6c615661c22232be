using Outrider.Filters;
using Outrider.Proxy.Entries;

namespace Outrider.Proxy.Network;

/// <summary>The network filters of a filter chain: what makes them for each connection. Immutable; any thread.</summary>
/// <param name="Entries">One for each filter, in their order: the first is the client's neighbour. Made of each is what makes its filters.</param>
/// <param name="Timeout">Milliseconds that a call may take, and the filters until they have let a connection in; 0: for ever.</param>
internal sealed record NetworkFilterSet(IReadOnlyList<MadeEntry> Entries, int Timeout)
{
    /// <summary>What makes the filters.</summary>
    public IReadOnlyList<Func<NetworkFilter>> Factories { get; } = [.. Entries.Select(static entry => (Func<NetworkFilter>)entry.Made)];

    /// <summary>Their names.</summary>
    public IReadOnlyList<string> Names { get; } = [.. Entries.Select(static entry => entry.Name)];
}
