using Outrider.Configuration.Model;
using Outrider.Net.Listening;
using Outrider.Proxy.Entries;
using Outrider.Proxy.Network;
using Outrider.Security;

namespace Outrider.Proxy.Listening;

/// <summary>A filter chain, compiled. Immutable; all loops share it.</summary>
/// <param name="Index">Its place among the listener's chains.</param>
/// <param name="Name">Its name.</param>
/// <param name="Match">Which connections it is for.</param>
/// <param name="Tls">How clients speak TLS; null for plain text and for TLS that is passed through.</param>
/// <param name="Filters">What sees the connections' bytes before the handler does; null for nothing.</param>
/// <param name="Handler">What takes the connections; null where that is the listener's own HTTP.</param>
internal sealed record FilterChain(int Index, string Name, FilterChainMatchConfiguration Match, TlsAcceptor? Tls, NetworkFilterSet? Filters, IConnectionHandlerFactory? Handler)
{
    /// <summary>What the handler comes from, where an extension made it; else null.</summary>
    internal MadeEntry? HandlerEntry { get; init; }
}
