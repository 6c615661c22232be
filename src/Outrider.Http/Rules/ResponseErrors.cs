namespace Outrider.Http.Rules;

/// <summary>What can be wrong with an upstream's answer alone.</summary>
internal static class ResponseErrors
{
    internal static readonly ProtocolError WebSocketAccept = new(502, "Sec-WebSocket-Accept does not prove that the key was seen (RFC 6455 §4.1)");
    internal static readonly ProtocolError StatusLine = new(502, "the status line is not 'HTTP/1.x 3DIGIT reason' (RFC 9112 §4)");
    internal static readonly ProtocolError UnexpectedUpgrade = new(502, "101 without having been asked for an upgrade (RFC 9110 §15.2.2)");
    internal static readonly ProtocolError Informational = new(502, "too many informational responses");
}
