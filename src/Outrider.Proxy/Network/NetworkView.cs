using System.Net;
using Outrider.Filters;
using Outrider.Net.Addresses;
using Outrider.Net.Listening;
using Outrider.Net.Transports;

namespace Outrider.Proxy.Network;

/// <summary>A transport as network filters see it.</summary>
internal sealed class NetworkView(Transport transport, string listener, string chain, ConnectionOpening opening) : NetworkConnection
{
    private readonly string? _asked = opening.ServerName;

    /// <inheritdoc/>
    public override string ListenerName => listener;

    /// <inheritdoc/>
    public override string FilterChainName => chain;

    /// <inheritdoc/>
    public override IPEndPoint? RemoteAddress { get; } = Of(transport.RemoteAddress);

    /// <inheritdoc/>
    public override IPEndPoint? LocalAddress { get; } = Of(transport.LocalAddress);

    /// <inheritdoc/>
    public override string? ServerName => transport.Tls?.ServerName ?? _asked;

    /// <inheritdoc/>
    public override string? ApplicationProtocol => transport.Tls?.ApplicationProtocol;

    /// <inheritdoc/>
    public override bool IsTls => transport.Tls is not null;

    private static IPEndPoint? Of(PeerAddress address) => address.IsKnown && !address.IsUnix ? address.ToEndPoint() : null;
}
