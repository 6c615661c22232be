using Outrider.Http.Grpc;
using Outrider.Http.Headers;
using Outrider.Http.Messages;

namespace Outrider.Proxy.Grpc;

/// <summary>What a host has made of a request, in the terms of HTTP: a call of gRPC says it by its own status, beside HTTP's 200 or behind the messages.</summary>
internal static class GrpcOutcome
{
    /// <summary>The answer's end will tell.</summary>
    internal const int NotYet = 0;

    /// <summary>As far as the head tells.</summary>
    /// <param name="request">What was asked.</param>
    /// <param name="response">The answer's head.</param>
    /// <param name="endStream">Is that all of it?</param>
    internal static int AtHead(RequestHead request, ResponseHead response, bool endStream)
    {
        if (response.Status != 200 || !GrpcRequest.IsGrpc(request.Fields))
        {
            return response.Status;
        }

        int status = GrpcStatus.In(response.Fields);
        return status < 0 && !endStream ? NotYet : GrpcStatus.ToHttp(status);
    }

    /// <summary>As the answer's end tells; a call without a status is one that failed.</summary>
    internal static int AtEnd(HeaderBlock? trailers) => GrpcStatus.ToHttp(trailers is null ? -1 : GrpcStatus.In(trailers));
}
