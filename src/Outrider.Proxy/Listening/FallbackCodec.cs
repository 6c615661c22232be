using Outrider.Configuration.Model;
using Outrider.Http.Streams;
using Outrider.Net.Listening;
using Outrider.Net.Transports;

namespace Outrider.Proxy.Listening;

/// <summary>HTTP with clients that speak it; all others go to what stands behind (<c>fallback_for_unknown_protocol</c>). Immutable; any thread.</summary>
/// <param name="http">Who takes HTTP.</param>
/// <param name="other">Who takes everything else.</param>
/// <param name="protocols">What HTTP is.</param>
/// <param name="withTls">May clients speak TLS? Then what they say can be looked at only as it is read.</param>
internal sealed class FallbackCodec(IServerCodec http, IConnectionHandlerFactory other, DownstreamProtocols protocols, bool withTls) : IServerCodec
{
    /// <inheritdoc/>
    public string Name => http.Name;

    /// <inheritdoc/>
    public string? ApplicationProtocol => http.ApplicationProtocol;

    /// <summary>May bytes be looked at before they are read?</summary>
    internal bool Peeks => !withTls;

    /// <inheritdoc/>
    public void Open(Transport transport, IServerHandler handler) => transport.Handler = new FallbackConnection(transport, (IChainChooser)handler, this);

    /// <summary>Is it HTTP that a connection begins with? Null where the bytes do not tell yet.</summary>
    internal bool? IsHttp(ReadOnlySpan<byte> data) => FirstBytes.IsHttp(data, protocols);

    /// <summary>Gives the connection to who takes HTTP, or to the other; who has it now lets go of it.</summary>
    internal void HandOver(Transport transport, IChainChooser owner, bool isHttp)
    {
        if (isHttp)
        {
            http.Open(transport, (IServerHandler)owner);
        }
        else
        {
            transport.Handler = other.Create(transport, owner, new ConnectionOpening(transport) { IsTerminated = withTls });
        }

        owner.Continue(transport);
    }
}
