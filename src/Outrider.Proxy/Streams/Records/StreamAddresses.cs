using Outrider.Net.Addresses;
using Outrider.Net.Transports;

namespace Outrider.Proxy.Streams.Records;

/// <summary>The addresses of a stream's connections. What only a connection knows is captured before it may be gone, where somebody may ask later. A part of its record.</summary>
internal struct StreamAddresses
{
    /// <summary>The client's, as far as proxies before this one are believed about it.</summary>
    internal PeerAddress Remote;

    /// <summary>The other end of the client's connection.</summary>
    internal PeerAddress Peer;

    /// <summary>Ours towards the client, captured at the stream's end; unknown before, and where nobody may ask.</summary>
    internal PeerAddress Local;

    /// <summary>Ours towards the upstream, captured when the request went out; unknown before, and where nobody may ask.</summary>
    internal PeerAddress UpstreamLocal;

    /// <summary>The connection to the upstream that the request went out on last, which may serve others by now; null before.</summary>
    internal Transport? Upstream { get; private set; }

    /// <summary>The request goes out.</summary>
    /// <param name="upstream">On this.</param>
    /// <param name="withLocal">May somebody ask for our address there when it is gone?</param>
    internal void CaptureUpstream(Transport upstream, bool withLocal)
    {
        Upstream = upstream;
        if (withLocal)
        {
            UpstreamLocal = upstream.LocalAddress;
        }
    }
}
