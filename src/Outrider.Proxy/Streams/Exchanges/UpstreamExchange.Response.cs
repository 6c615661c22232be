using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Messages;

namespace Outrider.Proxy.Streams.Exchanges;

/// <summary>The response's way in, as the upstream's codec tells of it.</summary>
internal sealed partial class UpstreamExchange
{
    public ResponseHead ResponseHead => stream.Response;

    public HeaderBlock ResponseTrailers => stream.ResponseTrailers;

    internal void PauseResponse() => _exchange?.PauseResponse();

    internal void ResumeResponse() => _exchange?.ResumeResponse();

    public void OnInformational() => stream.Connection.SendInformational(stream.Response);

    public void OnResponseHead(bool endStream)
    {
        Counts.Answered(stream.Response.Status, (long)Measure(), stream.Loop.Now, closes: !stream.Response.KeepAlive && Protocol == "HTTP/1.1");
        _cluster!.Outliers?.OnAnswer(Host!, stream.Loop.Index, stream.Response.Status);
        if (endStream)
        {
            Finish();
        }

        if (RetryOnStatus())
        {
            return;
        }

        if (stream.Request is { IsHttp2: true, IsUpgrade: true } && stream.Response.Status is >= 200 and < 300)
        {
            // To the client that would be an open tunnel (RFC 8441 §4).
            FailureReason = "the upstream answered an upgrade as if it were none";
            Cancel();
            stream.FailUpstream(502, ResponseFlags.UpstreamProtocolError, FailureReason);
            return;
        }

        _state |= State.ResponseBegun;
        _kept.Drop();
        if (endStream || stream.Response.Status == 101)
        {
            stream.Deadline.Clear();
        }
        else
        {
            AwaitBody();
        }

        stream.OnUpstreamHead(endStream);
    }

    public void OnResponseData(ReadOnlySpan<byte> data, bool endStream)
    {
        _pool!.Stats.BytesIn += data.Length;
        if (stream.IsTunnel)
        {
            _state |= endStream ? State.UpstreamEnded : 0;
            if (TunnelEnded)
            {
                Finish();
            }
        }
        else if (endStream)
        {
            Finish();
            stream.Deadline.Clear();
        }
        else
        {
            AwaitBody();
        }

        stream.ResponsePath.OnData(data, endStream);
    }

    public void OnResponseTrailers()
    {
        Finish();
        stream.Deadline.Clear();
        stream.ResponsePath.OnTrailers();
    }
}
