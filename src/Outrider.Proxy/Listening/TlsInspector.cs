using Outrider.Filters;

namespace Outrider.Proxy.Listening;

/// <summary><c>tls_inspector</c>: tells TLS from plain text, and reads server name and protocols from the ClientHello, which it leaves where it is.</summary>
internal sealed class TlsInspector : IListenerFilter
{
    internal const string Name = "tls_inspector";

    // As BoringSSL's limit on a ClientHello, and Envoy's.
    private const int Limit = 16 * 1024;

    /// <inheritdoc/>
    public int MaxBytes => Limit + 64;

    /// <inheritdoc/>
    public ListenerFilterResult Inspect(AcceptedConnection connection, ReadOnlySpan<byte> received, bool isAll)
    {
        var hello = new ClientHello();
        switch (hello.Read(received, Limit))
        {
            case ClientHelloState.Incomplete when !isAll:
                return ListenerFilterResult.NeedMore;
            case ClientHelloState.Complete:
                connection.TransportProtocol = "tls";
                connection.ServerName = hello.ServerName;
                connection.ApplicationProtocols = hello.ApplicationProtocols;
                break;
            case ClientHelloState.Malformed:
                return ListenerFilterResult.Close("its ClientHello is malformed");
            default:
                break;
        }

        return ListenerFilterResult.Continue;
    }
}
