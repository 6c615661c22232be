using System.Net;
using System.Net.Security;
using Outrider.Net.Loops;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;

namespace Outrider.Http.Streams;

/// <summary>A connection on its way to an upstream that is known to speak one protocol; once it is there a codec takes over. On the loop.</summary>
public sealed class UpstreamConnecting : TransportHandler
{
    private readonly IUpstreamCodec _codec;
    private readonly IUpstreamConnectingOwner _owner;
    private readonly UpstreamLimits _limits;
    private string _reason = "";

    /// <summary>Starts to connect; the owner is told how that ends.</summary>
    /// <param name="loop">The loop, which is the current one.</param>
    /// <param name="endPoint">Where to.</param>
    /// <param name="codec">What is spoken there.</param>
    /// <param name="owner">Who is told.</param>
    /// <param name="limits">What the upstream may ask of memory and patience.</param>
    /// <param name="connectTimeout">In milliseconds, TLS handshake included.</param>
    /// <param name="tls">How TLS is spoken; null for plain text.</param>
    public UpstreamConnecting(
        EventLoop loop, EndPoint endPoint, IUpstreamCodec codec, IUpstreamConnectingOwner owner, UpstreamLimits limits, int connectTimeout, SslClientAuthenticationOptions? tls = null)
    {
        _codec = codec;
        _owner = owner;
        _limits = limits;
        Transport = new Transport(loop, this);
        Transport.Connect(endPoint, tls, connectTimeout);
    }

    /// <summary>The connection.</summary>
    public Transport Transport { get; }

    /// <inheritdoc/>
    public override void OnConnected()
    {
        Transport.Disarm();
        _owner.OnConnected(_codec.Open(Transport, _owner, _limits));
    }

    /// <inheritdoc/>
    public override int OnReceived(ReadOnlySpan<byte> data) => data.Length;

    /// <inheritdoc/>
    public override void OnEndOfInput() => Transport.Close();

    /// <inheritdoc/>
    public override void OnCut() => Transport.Close();

    /// <inheritdoc/>
    public override void OnTimer()
    {
        _reason = "no connection in time";
        Transport.Close();
    }

    /// <inheritdoc/>
    public override void OnClosed(int error) => _owner.OnClosed(error, _reason);
}
