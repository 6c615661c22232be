using Outrider.Http.Streams;
using Outrider.Proxy.Streams.Callouts;
using Outrider.Proxy.Streams.Exchanges;
using Outrider.Proxy.Streams.Paths;
using Outrider.Proxy.Streams.Replies;

namespace Outrider.Proxy.Streams;

/// <summary>Lets each side of a stream be read as far as the other takes, and no filter is waited for. Lives with its stream; on its loop.</summary>
internal sealed class StreamFlow(ServerStream client, RequestPath request, ResponsePath response, UpstreamExchange exchange, StreamCallouts callouts, FilterReplies replies)
{
    /// <summary>Something takes more, or less, than before.</summary>
    internal void Update()
    {
        var connection = client.Connection;
        if (request.Walk.IsWaiting || exchange.HoldsRequest || callouts.HoldsRequest)
        {
            connection.PauseRequest();
        }
        else
        {
            connection.ResumeRequest();
        }

        bool clientIsFull = connection.IsWriteBlocked && connection.PendingOutput >= exchange.BufferLimit;
        callouts.HoldAnswers(clientIsFull);
        if (response.Walk.IsWaiting || clientIsFull)
        {
            exchange.PauseResponse();
        }
        else
        {
            exchange.ResumeResponse();
            replies.Resume();
        }

        if (!clientIsFull)
        {
            response.DeliverReplyBody();
        }
    }
}
