namespace Outrider.Http.Rules;

/// <summary>What can be wrong with a message of HTTP/2 (RFC 9113 §8).</summary>
internal static class Http2Errors
{
    internal static readonly ProtocolError PseudoField = new(400, "a pseudo-header field is missing, repeated, unknown or not where it belongs (RFC 9113 §8.3)");
    internal static readonly ProtocolError ConnectionField = new(400, "a field that belongs to a connection of HTTP/1 (RFC 9113 §8.2.2)");
    internal static readonly ProtocolError LengthMismatch = new(400, "Content-Length is not what DATA has (RFC 9113 §8.1.1)");
    internal static readonly ProtocolError ConnectProtocol = new(501, "CONNECT for a protocol that no tunnel is made for (RFC 8441 §4)");
    internal static readonly ProtocolError NoConnectProtocol = new(502, "the host does not allow CONNECT for another protocol (RFC 8441 §3)");
    internal static readonly ProtocolError NotHttp2 = new(502, "the upstream does not speak HTTP/2");
}
