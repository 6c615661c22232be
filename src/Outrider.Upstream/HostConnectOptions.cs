using System.Net.Security;
using Outrider.Security;

namespace Outrider.Upstream;

/// <summary>How a host is connected to.</summary>
/// <param name="Timeout">Milliseconds, TLS handshake included.</param>
/// <param name="Tls">How TLS is spoken; null for plain text.</param>
/// <param name="TlsKey">Which of the cluster's TLS sessions it may resume: those of the same offer. Empty where nothing is offered.</param>
/// <param name="Protocols">What is offered by ALPN; null for nothing.</param>
internal readonly record struct HostConnectOptions(int Timeout, TlsContext? Tls, string TlsKey = "", List<SslApplicationProtocol>? Protocols = null);
