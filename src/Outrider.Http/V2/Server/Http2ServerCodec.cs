using Outrider.Http.Streams;
using Outrider.Net.Transports;

namespace Outrider.Http.V2.Server;

/// <summary>HTTP/2 with clients, and nothing else. The listener's side has to be an <see cref="IHttp2ServerHandler"/>.</summary>
public sealed class Http2ServerCodec : IServerCodec
{
    private Http2ServerCodec()
    {
    }

    /// <summary>The one object.</summary>
    public static Http2ServerCodec Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "Http2";

    /// <inheritdoc/>
    public string? ApplicationProtocol => "h2";

    /// <inheritdoc/>
    public void Open(Transport transport, IServerHandler handler) => _ = new Http2ServerConnection(
        transport, handler as IHttp2ServerHandler ?? throw new ArgumentException("the listener does not speak HTTP/2", nameof(handler)));
}
