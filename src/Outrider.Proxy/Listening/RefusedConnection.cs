using Outrider.Net.Listening;
using Outrider.Net.Transports;

namespace Outrider.Proxy.Listening;

/// <summary>Closes a connection that nobody takes, as soon as it may be closed.</summary>
internal sealed class RefusedConnection(Transport transport, IConnectionOwner owner) : OwnedConnection(transport, owner)
{
    /// <inheritdoc/>
    public override void OnConnected()
    {
        base.OnConnected();
        Transport.Close();
    }

    /// <inheritdoc/>
    public override int OnReceived(ReadOnlySpan<byte> data) => data.Length;

    /// <inheritdoc/>
    public override void OnEndOfInput()
    {
    }
}
