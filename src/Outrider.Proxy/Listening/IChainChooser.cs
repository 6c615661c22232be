using Outrider.Net.Listening;
using Outrider.Net.Transports;

namespace Outrider.Proxy.Listening;

/// <summary>Gives a connection its handler once listener filters are done with it. On the loop.</summary>
internal interface IChainChooser : IConnectionOwner
{
    /// <summary>The connection gets the handler of the chain that is for it, which begins at once; without such a chain it closes.</summary>
    void HandOver(ConnectionOpening opening);

    /// <summary>The connection, which was counted when it was accepted, has another handler, which begins now.</summary>
    void Continue(Transport transport);

    /// <summary>A listener filter closed a connection, or waited for too long.</summary>
    void OnRejected(ConnectionOpening opening, string reason);
}
