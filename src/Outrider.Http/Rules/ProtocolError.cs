using System.Text;

namespace Outrider.Http.Rules;

/// <summary>What is wrong with a message: the status to answer with and words for the log. All are constants: finding a mistake allocates nothing; what is made of it for the log may.</summary>
/// <param name="Status">400, 405, 408, 413, 414, 417, 431, 501 or 505; for a response it is always reported as 502.</param>
/// <param name="Message">What is wrong, without anything that the peer sent.</param>
public sealed record ProtocolError(int Status, string Message)
{
    internal static readonly ProtocolError LineEnd = new(400, "a line does not end with CRLF (RFC 9112 §2.2)");
    internal static readonly ProtocolError BareCr = new(400, "a CR without LF (RFC 9112 §2.2)");
    internal static readonly ProtocolError RequestLine = new(400, "the request line is not 'method target HTTP/1.x' (RFC 9112 §3)");
    internal static readonly ProtocolError Method = new(400, "the method is not a token (RFC 9110 §9.1)");
    internal static readonly ProtocolError Target = new(400, "the target has none of the forms of RFC 9112 §3.2");
    internal static readonly ProtocolError Version = new(505, "the protocol is not HTTP/1.0 or HTTP/1.1");
    internal static readonly ProtocolError Connect = new(405, "CONNECT is for forward proxies");
    internal static readonly ProtocolError StartLineTooLong = new(414, "the request line is too long");
    internal static readonly ProtocolError HeadTooLarge = new(431, "the head is too large");
    internal static readonly ProtocolError TooManyFields = new(431, "the head has too many fields");
    internal static readonly ProtocolError FieldName = new(400, "a field's name is not a token, or white space follows it (RFC 9112 §5.1)");
    internal static readonly ProtocolError FieldValue = new(400, "a field's value holds a control character (RFC 9110 §5.5)");
    internal static readonly ProtocolError Underscore = new(400, "a field's name has an underscore where it may not");
    internal static readonly ProtocolError Folding = new(400, "a field is folded over lines (RFC 9112 §5.2)");
    internal static readonly ProtocolError HostMissing = new(400, "Host is missing (RFC 9112 §3.2)");
    internal static readonly ProtocolError HostRepeated = new(400, "Host is repeated (RFC 9112 §3.2)");
    internal static readonly ProtocolError HostInvalid = new(400, "Host is not uri-host[:port] (RFC 9110 §7.2)");
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
    internal static readonly ProtocolError PseudoField = new(400, "a pseudo-header field is missing, repeated, unknown or not where it belongs (RFC 9113 §8.3)");
    internal static readonly ProtocolError ConnectionField = new(400, "a field that belongs to a connection of HTTP/1 (RFC 9113 §8.2.2)");
    internal static readonly ProtocolError LengthMismatch = new(400, "Content-Length is not what DATA has (RFC 9113 §8.1.1)");
    internal static readonly ProtocolError PlainText = new(400, "plain HTTP was sent to a port that speaks TLS: ask with https://");
    internal static readonly ProtocolError ConnectProtocol = new(501, "CONNECT for a protocol that no tunnel is made for (RFC 8441 §4)");
    internal static readonly ProtocolError NoConnectProtocol = new(502, "the host does not allow CONNECT for another protocol (RFC 8441 §3)");
    internal static readonly ProtocolError WebSocketAccept = new(502, "Sec-WebSocket-Accept does not prove that the key was seen (RFC 6455 §4.1)");
    internal static readonly ProtocolError StatusLine = new(502, "the status line is not 'HTTP/1.x 3DIGIT reason' (RFC 9112 §4)");
    internal static readonly ProtocolError UnexpectedUpgrade = new(502, "101 without having been asked for an upgrade (RFC 9110 §15.2.2)");
    internal static readonly ProtocolError NotHttp2 = new(502, "the upstream does not speak HTTP/2");
    internal static readonly ProtocolError Informational = new(502, "too many informational responses");

    /// <summary>What a client is told, made once.</summary>
    public ReadOnlyMemory<byte> Text { get; } = Encoding.UTF8.GetBytes(Message + "\n");

    /// <summary>The head did not come in time.</summary>
    public static readonly ProtocolError HeaderTimeout = new(408, "the head did not arrive in time");

    /// <summary>The head came more slowly than the listener allows.</summary>
    public static readonly ProtocolError HeadTooSlow = new(408, "the head arrives more slowly than the listener allows");

    /// <summary>The body came more slowly than the listener allows.</summary>
    public static readonly ProtocolError BodyTooSlow = new(408, "the body arrives more slowly than the listener allows");

    /// <summary>The body stopped coming.</summary>
    public static readonly ProtocolError BodyTimeout = new(408, "the body stopped arriving");

    /// <summary>The body is larger than the configuration allows.</summary>
    public static readonly ProtocolError BodyTooLarge = new(413, "the body is larger than the listener allows");
}
