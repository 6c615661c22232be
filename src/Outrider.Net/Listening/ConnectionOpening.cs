using Outrider.Net.Transports;

namespace Outrider.Net.Listening;

/// <summary>What is known of an accepted connection before anybody reads it. Goes away when the connection has its handler.</summary>
/// <param name="transport">The connection.</param>
public sealed class ConnectionOpening(Transport transport)
{
    /// <summary>The connection. Its addresses are those that listener filters have set.</summary>
    public Transport Transport { get; } = transport;

    /// <summary>The server name that the client asks for in its ClientHello (RFC 6066 §3); null where there is none, or nobody looked.</summary>
    public string? ServerName { get; set; }

    /// <summary>The protocols that the client offers (RFC 7301). Default: none.</summary>
    public IReadOnlyList<string> ApplicationProtocols { get; set; } = [];

    /// <summary><c>tls</c>, <c>raw_buffer</c>, or what a listener filter says. Default: <c>raw_buffer</c>.</summary>
    public string TransportProtocol { get; set; } = "raw_buffer";

    /// <summary>Will the chain that was chosen speak TLS with the client itself?</summary>
    public bool IsTerminated { get; set; }

    /// <summary>Does something stand before the handler that has to let the connection in (<see cref="Sockets.TransportHandler.OnAdmitted"/>)?</summary>
    public bool AwaitsAdmission { get; set; }
}
