using Outrider.Http.Streams;
using Outrider.Net.Transports;

namespace Outrider.Http.V1.Server;

/// <summary>HTTP/1.1 with clients; where the listener speaks HTTP/2 too, a client that begins with that, or agrees on it in TLS, is spoken to in HTTP/2.</summary>
public sealed class Http1ServerCodec : IServerCodec
{
    private Http1ServerCodec()
    {
    }

    /// <summary>The one object.</summary>
    public static Http1ServerCodec Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "Http1";

    /// <inheritdoc/>
    public string? ApplicationProtocol => "http/1.1";

    /// <inheritdoc/>
    public void Open(Transport transport, IServerHandler handler) => _ = new Http1ServerConnection(transport, handler);
}
