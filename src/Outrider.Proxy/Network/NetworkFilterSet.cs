using Outrider.Filters;

namespace Outrider.Proxy.Network;

/// <summary>The network filters of a filter chain: what makes them for each connection. Immutable; any thread.</summary>
/// <param name="Factories">One for each filter, in their order: the first is the client's neighbour.</param>
/// <param name="Names">Their names.</param>
/// <param name="Timeout">Milliseconds that a call may take, and the filters until they have let a connection in; 0: for ever.</param>
internal sealed record NetworkFilterSet(IReadOnlyList<Func<NetworkFilter>> Factories, IReadOnlyList<string> Names, int Timeout);
