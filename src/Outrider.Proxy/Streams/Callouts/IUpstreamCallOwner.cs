namespace Outrider.Proxy.Streams.Callouts;

/// <summary>Who an <see cref="UpstreamCall"/> tells of its response; on the loop. After the call with <c>endStream</c>, the trailers or the failure nothing more comes.</summary>
internal interface IUpstreamCallOwner
{
    /// <summary>The response's head is in <see cref="UpstreamCall.ResponseHead"/>.</summary>
    void OnCallHead(UpstreamCall call, bool endStream);

    /// <summary>A piece of the response's body, lent for the length of the call.</summary>
    void OnCallData(UpstreamCall call, ReadOnlySpan<byte> data, bool endStream);

    /// <summary>The trailers are in <see cref="UpstreamCall.ResponseTrailers"/>, and the response is complete.</summary>
    void OnCallTrailers(UpstreamCall call);

    /// <summary>There will be no (whole) response.</summary>
    void OnCallFailed(UpstreamCall call, bool connected, bool timedOut, bool protocolError);
}
