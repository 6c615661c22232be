using Outrider.Http.Streams;

namespace Outrider.Upstream;

/// <summary>Who asked a pool for a connection that was not there yet. On the loop.</summary>
internal interface IConnectionWaiter
{
    /// <summary>Here is one with a free slot; an exchange is to attach before this returns.</summary>
    void OnConnectionReady(IUpstreamConnection connection);

    /// <summary>There is none, for that reason.</summary>
    void OnConnectionFailed(string reason, ConnectionFailure failure);
}
