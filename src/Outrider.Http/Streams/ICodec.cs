namespace Outrider.Http.Streams;

/// <summary>A protocol as this proxy speaks it: with clients (<see cref="IServerCodec"/>), with upstreams (<see cref="IUpstreamCodec"/>), or both. One object serves all loops.</summary>
public interface ICodec
{
    /// <summary>The name, for logs and where connections are told apart by it.</summary>
    string Name { get; }

    /// <summary>What TLS calls the protocol (ALPN); null where it has no name there.</summary>
    string? ApplicationProtocol { get; }
}
