using Outrider.Filters;

namespace Outrider.Developing;

/// <summary>A filter in the place of another, which it calls and times. On the stream's loop.</summary>
internal sealed class TracedFilter(StreamFilter inner, StreamFilterMethods methods, string name, StreamTraces traces) : StreamFilter
{
    private StreamTrace? _trace;

    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
        => Begin("DecodeHeaders", (methods & StreamFilterMethods.DecodeHeaders) != 0, () => inner.DecodeHeadersAsync(inner.See(headers), endStream));

    public override ValueTask<FilterAction> DecodeDataAsync(BodyBuffer data, bool endStream)
        => Begin("DecodeData", true, () => inner.DecodeDataAsync(inner.SeeBody(data, response: false), endStream));

    public override ValueTask<FilterAction> DecodeTrailersAsync(HeaderMap trailers, BodyBuffer body)
        => Begin("DecodeTrailers", true, () => inner.DecodeTrailersAsync(inner.SeeTrailers(trailers, response: false)!, inner.SeeBody(body, response: false)));

    public override ValueTask<FilterAction> DecodeRequestAsync(RequestHeaders headers, BodyBuffer body, HeaderMap? trailers)
        => Begin("DecodeRequest", true, () => inner.DecodeRequestAsync(inner.See(headers), inner.SeeBody(body, response: false), inner.SeeTrailers(trailers, response: false)));

    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
        => Begin("EncodeHeaders", true, () => inner.EncodeHeadersAsync(inner.See(headers), endStream));

    public override ValueTask<FilterAction> EncodeDataAsync(BodyBuffer data, bool endStream)
        => Begin("EncodeData", true, () => inner.EncodeDataAsync(inner.SeeBody(data, response: true), endStream));

    public override ValueTask<FilterAction> EncodeTrailersAsync(HeaderMap trailers, BodyBuffer body)
        => Begin("EncodeTrailers", true, () => inner.EncodeTrailersAsync(inner.SeeTrailers(trailers, response: true)!, inner.SeeBody(body, response: true)));

    public override ValueTask<FilterAction> EncodeResponseAsync(ResponseHeaders headers, BodyBuffer body, HeaderMap? trailers)
        => Begin("EncodeResponse", true, () => inner.EncodeResponseAsync(inner.See(headers), inner.SeeBody(body, response: true), inner.SeeTrailers(trailers, response: true)));

    public override bool OnLocalReply(int status, string details)
    {
        Join();
        return inner.OnLocalReply(status, details);
    }

    public override void OnResponseBlocked() => inner.OnResponseBlocked();

    public override void OnResponseUnblocked() => inner.OnResponseUnblocked();

    public override void OnLog()
    {
        Join();
        inner.OnLog();
    }

    public override void OnDestroy()
    {
        Join();
        try
        {
            inner.OnDestroy();
        }
        finally
        {
            traces.Leave(Stream, _trace!);
            inner.Attach(null);
        }
    }

    private void Join()
    {
        if (_trace is null)
        {
            inner.Attach(Stream);
            _trace = traces.Join(Stream);
        }
    }

    private ValueTask<FilterAction> Begin(string method, bool isThere, Func<ValueTask<FilterAction>> begin)
    {
        Join();
        if (!isThere)
        {
            return FilterAction.Continue;
        }

        var call = _trace!.Begin(name, method);
        ValueTask<FilterAction> answer;
        try
        {
            answer = begin();
        }
        catch (Exception e)
        {
            call.Fail(e);
            throw;
        }

        if (answer.IsCompletedSuccessfully)
        {
            var action = answer.Result;
            call.Answer(action);
            return action;
        }

        call.Return();
        return EndAsync(answer, call);
    }

    private static async ValueTask<FilterAction> EndAsync(ValueTask<FilterAction> answer, StreamTrace.Call call)
    {
        try
        {
            var action = await answer;
            call.Answer(action);
            return action;
        }
        catch (Exception e)
        {
            call.Fail(e);
            throw;
        }
    }
}
