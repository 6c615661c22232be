using Outrider.Net.Transports;

namespace Outrider.Http.Streams;

/// <summary>The client's side of a protocol: makes connections to upstreams out of transports. One object serves all loops.</summary>
public interface IUpstreamCodec : ICodec
{
    /// <summary>Has a connection more than one slot, so that several requests may wait for the same one?</summary>
    bool IsMultiplexed { get; }

    /// <summary>Takes over a transport that is connected, its TLS handshake included: becomes its handler.</summary>
    /// <param name="transport">The transport. On its loop.</param>
    /// <param name="owner">Who is told.</param>
    /// <param name="limits">What upstreams may ask of memory and patience.</param>
    IUpstreamConnection Open(Transport transport, IUpstreamConnectionOwner owner, UpstreamLimits limits);
}
