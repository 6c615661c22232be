namespace Outrider.Http.Rules;

/// <summary>What can be wrong with the head of a message of HTTP/1 (RFC 9112 §2 to §5).</summary>
internal static class HeadErrors
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
}
