using Outrider.Net.Sockets;
using Outrider.Net.Transports;

namespace Outrider.Net.Listening;

/// <summary>A handler of an accepted connection that tells the connection's owner what it must hear. Override and call the base.</summary>
/// <param name="transport">The connection.</param>
/// <param name="owner">Who accepted it.</param>
public abstract class OwnedConnection(Transport transport, IConnectionOwner owner) : TransportHandler
{
    /// <summary>The connection.</summary>
    public Transport Transport { get; } = transport;

    /// <inheritdoc/>
    public sealed override object? Owner => Listener;

    /// <inheritdoc/>
    public override int ReadSize => Listener.ReadSize;

    /// <summary>Who accepted it.</summary>
    protected IConnectionOwner Listener { get; } = owner;

    /// <inheritdoc/>
    public override void OnConnected() => Listener.OnConnectionOpened(Transport);

    /// <inheritdoc/>
    public override void OnSecured() => Listener.OnSecured(Transport);

    /// <inheritdoc/>
    public override void OnTlsFailed(string reason) => Listener.OnTlsFailed(Transport, reason);

    /// <inheritdoc/>
    public override void OnTlsUnused() => Listener.OnTlsUnused(Transport);

    /// <inheritdoc/>
    public override void OnCut() => Transport.Close();

    /// <inheritdoc/>
    public override void OnClosed(int error) => Listener.OnConnectionClosed(Transport);
}
