using System.Net;

namespace Outrider.Filters;

/// <summary>A connection before anybody reads it, as listener filters see and change it. On the connection's loop, during the call.</summary>
public abstract class AcceptedConnection
{
    /// <summary>The listener's name.</summary>
    public abstract string ListenerName { get; }

    /// <summary>The client's address; null for a Unix socket. What is set here is the client's address for everybody behind.</summary>
    /// <exception cref="ArgumentNullException">Set to null.</exception>
    public abstract IPEndPoint? RemoteAddress { get; set; }

    /// <summary>
    /// The address that the client connected to; null for a Unix socket. What is set here is the original destination: filter chains match it,
    /// routes too, and a cluster of the type <c>ORIGINAL_DST</c> connects to it.
    /// </summary>
    /// <exception cref="ArgumentNullException">Set to null.</exception>
    public abstract IPEndPoint? LocalAddress { get; set; }

    /// <summary>The server name that the client's TLS asks for; null where there is none, or nobody has looked.</summary>
    public abstract string? ServerName { get; set; }

    /// <summary>The protocols that the client's TLS offers. Default: none.</summary>
    public abstract IReadOnlyList<string> ApplicationProtocols { get; set; }

    /// <summary><c>tls</c> or <c>raw_buffer</c>, the default; filter chains match it.</summary>
    public abstract string TransportProtocol { get; set; }

    /// <summary>Asks the kernel where the client wanted to connect to, before iptables sent it here; null where nothing was changed on the way.</summary>
    public abstract IPEndPoint? FindOriginalDestination();
}
