using Outrider.Filters;

namespace Outrider.Proxy.Network;

/// <summary>Who has a <see cref="NetworkPath"/>: is told what comes of its calls. On the loop.</summary>
internal interface INetworkPathOwner
{
    /// <summary>Is the connection over, so that nothing is told?</summary>
    bool IsOver { get; }

    /// <summary>Something has passed all filters: bytes, or the end.</summary>
    void OnPassed(NetworkPath path);

    /// <summary>A call that was waited for has ended, and no other is under way.</summary>
    void OnIdle(NetworkPath path);

    /// <summary>A filter wants the connection closed.</summary>
    void OnClose(NetworkFilter filter, string reason);

    /// <summary>A filter threw.</summary>
    void OnFailed(NetworkFilter filter, Exception exception);
}
