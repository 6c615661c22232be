using Outrider.Filters;
using Outrider.Net.Addresses;

namespace Outrider.Proxy.Listening;

/// <summary>
/// <c>proxy_protocol</c>: reads the header with which a proxy before us says who the client is (haproxy's proxy-protocol.txt, versions 1 and 2), from
/// trusted addresses only. To everybody else's connection it does nothing: such bytes are then the client's own.
/// </summary>
internal sealed class ProxyProtocolFilter(ProxyProtocolOptions options) : IListenerFilter
{
    internal const string Name = "proxy_protocol";

    /// <inheritdoc/>
    public int MaxBytes => ProxyHeader.MaxLength;

    /// <inheritdoc/>
    public ListenerFilterResult Inspect(AcceptedConnection connection, ReadOnlySpan<byte> received, bool isAll)
    {
        if (!IsTrusted(((AcceptedTransport)connection).Opening.Transport.RemoteAddress))
        {
            return ListenerFilterResult.Continue;
        }

        var header = new ProxyHeader();
        switch (header.Read(received))
        {
            case ProxyHeaderState.Incomplete when !isAll:
                return ListenerFilterResult.NeedMore;
            case ProxyHeaderState.Complete:
                if (header.HasAddresses)
                {
                    var transport = ((AcceptedTransport)connection).Opening.Transport;
                    transport.RemoteAddress = header.Source;
                    transport.RestoreLocalAddress(header.Destination);
                }

                if (header.Authority is { } authority)
                {
                    connection.ServerName = authority;
                }

                if (header.ApplicationProtocol is { } protocol)
                {
                    connection.ApplicationProtocols = [protocol];
                }

                return ListenerFilterResult.Consume(header.Length);
            case ProxyHeaderState.None or ProxyHeaderState.Incomplete:
                return options.AllowRequestsWithoutProxyProtocol
                    ? ListenerFilterResult.Continue
                    : ListenerFilterResult.Close("it begins without a PROXY header");
            default:
                return ListenerFilterResult.Close("its PROXY header is malformed");
        }
    }

    private bool IsTrusted(PeerAddress address)
    {
        for (int i = 0; i < options.Trusted.Count; i++)
        {
            if (options.Trusted[i].Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}
