using System.Net;

namespace Outrider.Filters;

/// <summary>What network filters see of a connection. On its loop.</summary>
public abstract class NetworkConnection
{
    /// <summary>The listener's name.</summary>
    public abstract string ListenerName { get; }

    /// <summary>The filter chain's name: <c>name</c>, or <c>filter_chains[0]</c>.</summary>
    public abstract string FilterChainName { get; }

    /// <summary>The client's address, as listener filters have left it; null for a Unix socket.</summary>
    public abstract IPEndPoint? RemoteAddress { get; }

    /// <summary>The address that the client connected to; null for a Unix socket.</summary>
    public abstract IPEndPoint? LocalAddress { get; }

    /// <summary>The server name that the client's TLS asked for, whether TLS ends here or is passed through (then <c>tls_inspector</c> has found it); null where there is none.</summary>
    public abstract string? ServerName { get; }

    /// <summary>What TLS has agreed on with the client (ALPN); null where it ends elsewhere, or agreed on nothing.</summary>
    public abstract string? ApplicationProtocol { get; }

    /// <summary>Does the client's TLS end here, so that filters see plain bytes?</summary>
    public abstract bool IsTls { get; }
}
