namespace Outrider.Http.Rules;

/// <summary>What can be wrong with how a message of HTTP/1 says where its body ends, and with the body (RFC 9112 §6 and §7).</summary>
internal static class FramingErrors
{
    internal static readonly ProtocolError ContentLength = new(400, "Content-Length is not one decimal number (RFC 9112 §6.3)");
    internal static readonly ProtocolError BothLengths = new(400, "both Content-Length and Transfer-Encoding (RFC 9112 §6.1)");
    internal static readonly ProtocolError TransferEncoding = new(400, "Transfer-Encoding is not exactly 'chunked' (RFC 9112 §6.1)");
    internal static readonly ProtocolError Connection = new(400, "Connection names Host or a framing field (RFC 9110 §7.6.1)");
    internal static readonly ProtocolError ConnectionSyntax = new(400, "Connection is not a list of tokens (RFC 9110 §7.6.1)");
    internal static readonly ProtocolError ConnectionTooLong = new(400, "Connection names too many fields");
    internal static readonly ProtocolError Expectation = new(417, "an expectation other than 100-continue (RFC 9110 §10.1.1)");
    internal static readonly ProtocolError ChunkSize = new(400, "a chunk's size is not a hexadecimal number, or too large (RFC 9112 §7.1)");
    internal static readonly ProtocolError ChunkExtension = new(400, "a chunk's extension is not valid, or too long (RFC 9112 §7.1.1)");
    internal static readonly ProtocolError ChunkEnd = new(400, "a chunk's data does not end with CRLF (RFC 9112 §7.1)");
    internal static readonly ProtocolError TrailerField = new(400, "a field that may not come in trailers (RFC 9110 §6.5.1)");
}
