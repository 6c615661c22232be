using Outrider.Http.Streams;
using Outrider.Net.Listening;
using Outrider.Net.Transports;

namespace Outrider.Proxy.Listening;

/// <summary>A connection of which nobody knows yet whether it speaks HTTP. Gone once its first bytes have told; bytes that never come leave it open for the listener's idle timeout.</summary>
internal sealed class FallbackConnection(Transport transport, IChainChooser owner, FallbackCodec codec) : OwnedConnection(transport, owner)
{
    private bool _hasBytes;

    /// <inheritdoc/>
    public override void OnConnected()
    {
        base.OnConnected();
        if (((IServerHandler)owner).Limits.IdleTimeout is > 0 and var timeout)
        {
            Transport.Arm(timeout);
        }

        if (codec.Peeks)
        {
            Transport.PeekInput(true);
        }
    }

    /// <inheritdoc/>
    public override void OnSecured()
    {
        // What was agreed on in TLS is HTTP; otherwise the first bytes tell. Who gets the connection tells of TLS.
        if (Transport.Tls?.ApplicationProtocol is not null)
        {
            HandOver(isHttp: true);
        }
    }

    /// <inheritdoc/>
    public override void OnPeeked(ReadOnlySpan<byte> data, bool isAll)
    {
        if (data.IsEmpty)
        {
            if (isAll)
            {
                Transport.Close();
            }

            return;
        }

        bool isFirst = !_hasBytes;
        _hasBytes = true;
        if ((codec.IsHttp(data) ?? (isAll ? false : null)) is not { } isHttp)
        {
            // What has begun must go on: a word of HTTP is whole in the time that a head has.
            if (isFirst && ((IServerHandler)owner).Limits.HeaderTimeout is > 0 and var timeout)
            {
                Transport.Arm(timeout);
            }

            return;
        }

        // First, so that what the new handler asks for (to wait, say) holds.
        Transport.PeekInput(false);
        HandOver(isHttp);
    }

    /// <inheritdoc/>
    public override int OnReceived(ReadOnlySpan<byte> data)
    {
        bool isHttp = codec.IsHttp(data) ?? true;
        HandOver(isHttp);

        // The other one reads when it has somewhere to write to; until then the bytes are kept.
        return isHttp ? Transport.Handler.OnReceived(data) : 0;
    }

    /// <inheritdoc/>
    public override void OnEndOfInput() => Transport.Close();

    /// <inheritdoc/>
    public override void OnTimer()
    {
        if (_hasBytes)
        {
            Transport.PeekInput(false);
            HandOver(isHttp: false);
        }
        else
        {
            ((IServerHandler)owner).OnIdleTimeout(Transport);
            Transport.Close();
        }
    }

    /// <inheritdoc/>
    public override void OnDrain()
    {
        if (!_hasBytes && Transport.IsQuiet())
        {
            Transport.Close();
        }
    }

    private void HandOver(bool isHttp)
    {
        Transport.Disarm();
        codec.HandOver(Transport, owner, isHttp);
        if (Transport.Tls is not null)
        {
            Transport.Handler.OnSecured();
        }
    }
}
