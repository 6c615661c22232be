using Outrider.Filters;
using Outrider.Proxy.Streams.Records;

namespace Outrider.Proxy.Streams.Exchanges;

/// <summary>Whom an exchange tells of the response, and of what goes wrong. On the loop.</summary>
internal interface IExchangeOwner : IFlowOwner
{
    /// <summary>The response's head is in the record. With <paramref name="endStream"/> it is all of the response.</summary>
    void OnUpstreamHead(bool endStream);

    /// <summary>A piece of the response's body, lent for the length of the call.</summary>
    void OnUpstreamData(ReadOnlySpan<byte> data, bool endStream);

    /// <summary>The response's trailers are in the record, and end it.</summary>
    void OnUpstreamTrailers();

    /// <summary>The client has said its last in a tunnel whose upstream has done so before.</summary>
    void OnTunnelEnded();

    /// <summary>The upstream will not answer, or not to the end.</summary>
    /// <param name="status">What the client gets, if nothing was sent yet.</param>
    /// <param name="flags">What went wrong.</param>
    /// <param name="reason">Why, for logs.</param>
    /// <param name="told">Why, for the client, where the reason is not for strangers; null where it is.</param>
    void FailUpstream(int status, ResponseFlags flags, string reason, string? told = null);

    /// <summary>A filter has made of the request what cannot be sent.</summary>
    void OnFilterFailed(string filter, Exception failure);
}
