using Outrider.Net.Transports;

namespace Outrider.Proxy.Network;

/// <summary>Who has network filters look at its connections: a listener's side on one loop. On the loop.</summary>
internal interface INetworkFilterOwner
{
    /// <summary>The listener's name.</summary>
    string ListenerName { get; }

    /// <summary>A filter wants the connection closed, or has asked for more than it may; it closes.</summary>
    void OnClosedByFilter(Transport transport, string filter, string reason);

    /// <summary>A filter threw; the connection closes.</summary>
    void OnNetworkFilterFailed(Transport transport, string filter, Exception exception);
}
