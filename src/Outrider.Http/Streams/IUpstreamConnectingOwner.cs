namespace Outrider.Http.Streams;

/// <summary>Who asked for one connection to an upstream, without a pool. Told on the loop.</summary>
public interface IUpstreamConnectingOwner : IUpstreamConnectionOwner
{
    /// <summary>The connection is there. Otherwise <see cref="IUpstreamConnectionOwner.OnClosed"/> tells why there is none.</summary>
    void OnConnected(IUpstreamConnection connection);
}
