using System.Net;
using Outrider.Filters;
using Outrider.Net.Addresses;
using Outrider.Net.Listening;

namespace Outrider.Proxy.Listening;

/// <summary>A transport as listener filters see it.</summary>
/// <param name="listener">The listener's name.</param>
/// <param name="opening">What is known of the connection.</param>
internal sealed class AcceptedTransport(string listener, ConnectionOpening opening) : AcceptedConnection
{
    /// <summary>What is known of the connection.</summary>
    internal ConnectionOpening Opening { get; } = opening;

    /// <inheritdoc/>
    public override string ListenerName => listener;

    /// <inheritdoc/>
    public override IPEndPoint? RemoteAddress
    {
        get => EndPointOf(Opening.Transport.RemoteAddress);
        set => Opening.Transport.RemoteAddress = AddressOf(value);
    }

    /// <inheritdoc/>
    public override IPEndPoint? LocalAddress
    {
        get => EndPointOf(Opening.Transport.LocalAddress);
        set => Opening.Transport.RestoreLocalAddress(AddressOf(value));
    }

    /// <inheritdoc/>
    public override string? ServerName
    {
        get => Opening.ServerName;
        set => Opening.ServerName = value;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> ApplicationProtocols
    {
        get => Opening.ApplicationProtocols;
        set => Opening.ApplicationProtocols = value;
    }

    /// <inheritdoc/>
    public override string TransportProtocol
    {
        get => Opening.TransportProtocol;
        set => Opening.TransportProtocol = value;
    }

    /// <inheritdoc/>
    public override IPEndPoint? FindOriginalDestination() => EndPointOf(Opening.Transport.FindOriginalDestination());

    private static IPEndPoint? EndPointOf(PeerAddress address) => address.IsKnown && !address.IsUnix ? address.ToEndPoint() : null;

    private static PeerAddress AddressOf(IPEndPoint? endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        return PeerAddress.Create(endPoint.Address.GetAddressBytes(), endPoint.Port);
    }
}
