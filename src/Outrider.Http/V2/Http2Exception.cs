namespace Outrider.Http.V2;

/// <summary>What the peer sent ends the connection (RFC 9113 §5.4.1). Thrown and caught within a codec.</summary>
internal sealed class Http2Exception(Http2Error code, string message) : Exception(message)
{
    internal Http2Error Code => code;

    internal static Http2Exception Protocol(string what) => new(Http2Error.Protocol, what);
}
