using Outrider.Filters;
using Outrider.Hosting.Driving;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Proxy.FilterChains;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>
/// A request's way through the proxy: filters before the route, the route, filters after it, the host, filters after that,
/// the upstream.
/// </summary>
/// <remarks>The order, and what each answer of a filter does to it, are MOSN's (<c>pkg/proxy/downstream.go</c>).</remarks>
internal sealed class RequestPath : MessagePath
{
    // MOSN's bound too: filters that send a request back for ever are a mistake, not a configuration.
    private const int MaxRepeats = 10;

    private NativeTrailers? _trailers;
    private Step _step;
    private int _repeats;

    internal RequestPath(ProxyStream stream, FilterChain filters) : base(stream, filters, filters.Set.ReceiverOrder)
    {
        Headers = new NativeRequestHeaders(stream.Request, stream, stream.Snapshot.Limits.StrictTarget);
    }

    private enum Step : byte
    {
        BeforeRoute,
        MatchRoute,
        AfterRoute,
        ChooseHost,
        AfterChooseHost,
        Send,
        Sent,
    }

    internal NativeRequestHeaders Headers { get; }

    internal NativeTrailers Trailers => _trailers ??= new(Stream.RequestTrailers);

    internal override bool IsResponse => false;

    internal void OnHead(bool endStream)
    {
        HasEnded = endStream;
        Run();
    }

    internal override void Reset()
    {
        base.Reset();
        _step = Step.BeforeRoute;
        _repeats = 0;
    }

    private protected override void Run()
    {
        for (; !IsClosed; _step++)
        {
            switch (_step)
            {
                case Step.BeforeRoute:
                    if (!RunPhase(ReceiverPhase.BeforeRoute))
                    {
                        return;
                    }

                    break;
                case Step.MatchRoute:
                    Stream.MatchRoute();
                    break;
                case Step.AfterRoute:
                    if (!RunPhase(ReceiverPhase.AfterRoute))
                    {
                        return;
                    }

                    break;
                case Step.ChooseHost:
                    if (!Stream.ChooseHost())
                    {
                        return;
                    }

                    break;
                case Step.AfterChooseHost:
                    if (!RunPhase(ReceiverPhase.AfterChooseHost))
                    {
                        return;
                    }

                    break;
                case Step.Send:
                    Send();
                    return;
                default:
                    return;
            }
        }
    }

    /// <summary>Runs a phase's filters from <see cref="MessagePath.Index"/> on: their places come one phase after the other. False: the way ends here, or goes on later.</summary>
    private bool RunPhase(ReceiverPhase phase)
    {
        for (; Index < Count; Index++)
        {
            var factory = FactoryAt(Index);
            if (factory.Phase > phase)
            {
                break;
            }

            if (!RunHeaders())
            {
                return false;
            }
        }

        return true;
    }

    internal override void ReplyFrom(int place, FilterAction answer)
    {
        if (answer.StreamedReply is { } streamed)
        {
            Stream.Reply(streamed, NameAt(place));
        }
        else
        {
            Stream.Reply(answer);
        }
    }

    private protected override StreamFilterMethods MethodOf(FilterWork work) => work switch
    {
        FilterWork.Headers => StreamFilterMethods.DecodeHeaders,
        FilterWork.Data => StreamFilterMethods.DecodeData,
        _ => StreamFilterMethods.DecodeTrailers,
    };

    // Before the first match there is nothing to be matched again.
    private protected override bool Route(Directive directive)
        => directive == Directive.ChooseHost ? Repeat(Step.ChooseHost) : _step == Step.BeforeRoute || Repeat(Step.MatchRoute);

    /// <summary>Goes back to a step, and afterwards only to the filters behind this one.</summary>
    private bool Repeat(Step from)
    {
        if (++_repeats > MaxRepeats)
        {
            Fail(Index, new InvalidOperationException($"the request was sent back more than {MaxRepeats} times"));
            return false;
        }

        Index++;
        _step = from;
        Run();
        return false;
    }

    private void Send()
    {
        _step = Step.Sent;
        if (!HasCollected)
        {
            Stream.Exchange.Start(endStream: HasEnded);
            return;
        }

        // Head and body go out together, once the filters behind the collector have seen the body: only then is its length known.
        _step = Step.Send;
        ReleaseCollected();
    }

    private protected override void Forward(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_step == Step.Send)
        {
            _step = Step.Sent;
            var request = Stream.Request;
            if (!HasEnded)
            {
                // Let go in the middle of its body, whose length is what the client said, or what the filter left of that.
                Stream.Exchange.Start(endStream: false);
                Stream.Exchange.SendData(data, endStream: false);
                return;
            }

            request.Framing = !endStream ? BodyFraming.Chunked : data.IsEmpty ? BodyFraming.None : BodyFraming.Length;
            request.ContentLength = data.IsEmpty && request.ContentLength < 0 ? -1 : data.Length;
            Stream.Exchange.Start(endStream: endStream && data.IsEmpty);
            if (data.IsEmpty)
            {
                return;
            }
        }

        Stream.Exchange.SendData(data, endStream);
    }

    private protected override void ForwardTrailers() => Stream.Exchange.SendTrailers(Stream.RequestTrailers);

    private protected override void OnRouteCleared()
    {
        if (_step > Step.MatchRoute)
        {
            _step = Step.MatchRoute;
        }
    }

    private protected override void OnCollect()
    {
        // Nobody else will ask the client for the body that the filter waits for.
        Stream.Connection.SendContinue();
        Stream.Request.ExpectsContinue = false;
        _ = Stream.Request.Fields.Remove(KnownHeader.Expect);
    }

    private protected override void OnTooLarge() => Stream.ReplyTooLarge();

    private protected override ValueTask<FilterAction> CallHeaders(StreamFilter filter, bool endStream) => filter.DecodeHeadersAsync(filter.See(Headers), endStream);

    private protected override ValueTask<FilterAction> CallWhole(StreamFilter filter)
        => filter.DecodeRequestAsync(filter.See(Headers), filter.SeeBody(Whole, response: false), filter.SeeTrailers(HasTrailers ? Trailers : null, response: false));

    private protected override ValueTask<FilterAction> CallData(StreamFilter filter, BodyHold data, bool endStream) => filter.DecodeDataAsync(filter.SeeBody(data, response: false), endStream);

    private protected override ValueTask<FilterAction> CallTrailers(StreamFilter filter, BodyHold body)
        => filter.DecodeTrailersAsync(filter.SeeTrailers(Trailers, response: false)!, filter.SeeBody(body, response: false));
}
