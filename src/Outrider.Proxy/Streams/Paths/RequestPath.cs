using Outrider.Filters;
using Outrider.Hosting.Driving;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Proxy.FilterChains;
using Outrider.Proxy.Streams.Destinations;
using Outrider.Proxy.Streams.Exchanges;
using Outrider.Proxy.Streams.Records;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>
/// A request's way through the proxy: filters before the route, the route, filters after it, the host, filters after that,
/// the upstream.
/// </summary>
/// <remarks>The order, and what each answer of a filter does to it, are MOSN's (<c>pkg/proxy/downstream.go</c>).</remarks>
internal sealed class RequestPath : MessageEnd
{
    // MOSN's bound too: filters that send a request back for ever are a mistake, not a configuration.
    private const int MaxRepeats = 10;

    private readonly StreamRecord _record;
    private readonly RequestDestination _destination;
    private readonly UpstreamExchange _exchange;
    private readonly IPathOwner _owner;
    private readonly RequestFace _face;
    private Step _step;
    private int _repeats;

    /// <param name="record">The stream's.</param>
    /// <param name="filters">The stream's.</param>
    /// <param name="destination">Chooses route and host.</param>
    /// <param name="exchange">Sends what has passed all filters.</param>
    /// <param name="owner">Who is told of what concerns the whole stream.</param>
    internal RequestPath(StreamRecord record, FilterChain filters, RequestDestination destination, UpstreamExchange exchange, IPathOwner owner)
    {
        _record = record;
        _destination = destination;
        _exchange = exchange;
        _owner = owner;
        _face = new RequestFace(record);
        Walk = new FilterWalk(record, new FilterPlaces(filters, filters.Set.ReceiverOrder), _face, this, owner);
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

    /// <summary>The way through the filters.</summary>
    internal FilterWalk Walk { get; }

    /// <summary>The request's trailers, as filters see them.</summary>
    internal NativeTrailers Trailers => _face.Trailers;

    // A tunnel has no end.
    internal override bool CanCollect => !_record.IsTunnel;

    /// <summary>The request's head has come.</summary>
    internal void OnHead(bool endStream)
    {
        Walk.HasEnded = endStream;
        Run();
    }

    /// <summary>Makes ready for the next request.</summary>
    internal void Reset()
    {
        Walk.Reset();
        _step = Step.BeforeRoute;
        _repeats = 0;
    }

    internal override void Run()
    {
        for (; !Walk.IsClosed; _step++)
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
                    _destination.MatchRoute();
                    break;
                case Step.AfterRoute:
                    if (!RunPhase(ReceiverPhase.AfterRoute))
                    {
                        return;
                    }

                    break;
                case Step.ChooseHost:
                    if (!ChooseHost())
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

    /// <summary>Runs a phase's filters from <see cref="FilterWalk.Index"/> on: their places come one phase after the other. False: the way ends here, or goes on later.</summary>
    private bool RunPhase(ReceiverPhase phase)
    {
        var places = Walk.Places;
        for (; Walk.Index < places.Count; Walk.Index++)
        {
            if (places.FactoryAt(Walk.Index).Phase > phase)
            {
                break;
            }

            if (!Walk.RunHeaders())
            {
                return false;
            }
        }

        return true;
    }

    internal override void ReplyFrom(int place, FilterAction answer) => _owner.ReplyOfFilter(answer, Walk.Places.NameAt(place));

    // Before the first match there is nothing to be matched again.
    internal override bool Route(Directive directive)
        => directive == Directive.ChooseHost ? Repeat(Step.ChooseHost) : _step == Step.BeforeRoute || Repeat(Step.MatchRoute);

    /// <summary>Goes back to a step, and afterwards only to the filters behind this one.</summary>
    private bool Repeat(Step from)
    {
        if (++_repeats > MaxRepeats)
        {
            Walk.Fail(new InvalidOperationException($"the request was sent back more than {MaxRepeats} times"));
            return false;
        }

        Walk.Index++;
        _step = from;
        Run();
        return false;
    }

    private void Send()
    {
        _step = Step.Sent;
        if (!Walk.HasCollected)
        {
            _exchange.Start(endStream: Walk.HasEnded);
            return;
        }

        // Head and body go out together, once the filters behind the collector have seen the body: only then is its length known.
        _step = Step.Send;
        Walk.ReleaseCollected();
    }

    internal override void Forward(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_step == Step.Send)
        {
            _step = Step.Sent;
            var request = _record.Request;
            if (!Walk.HasEnded)
            {
                // Let go in the middle of its body, whose length is what the client said, or what the filter left of that.
                _exchange.Start(endStream: false);
                _exchange.SendData(data, endStream: false);
                return;
            }

            request.Framing = !endStream ? BodyFraming.Chunked : data.IsEmpty ? BodyFraming.None : BodyFraming.Length;
            request.ContentLength = data.IsEmpty && request.ContentLength < 0 ? -1 : data.Length;
            _exchange.Start(endStream: endStream && data.IsEmpty);
            if (data.IsEmpty)
            {
                return;
            }
        }

        _exchange.SendData(data, endStream);
    }

    internal override void ForwardTrailers() => _exchange.SendTrailers(_record.Client.RequestTrailers);

    internal override void OnRouteCleared()
    {
        if (_step > Step.MatchRoute)
        {
            _step = Step.MatchRoute;
        }
    }

    internal override void OnCollect()
    {
        // Nobody else will ask the client for the body that the filter waits for.
        _record.Client.Connection.SendContinue();
        _record.Request.ExpectsContinue = false;
        _ = _record.Request.Fields.Remove(KnownHeader.Expect);
    }

    internal override void OnTooLarge() => _owner.FailRequest(413, ResponseFlags.EntityTooLarge, "the body is larger than filters may collect");

    /// <summary>Finds out where the request goes. False: it goes nowhere, and has been answered.</summary>
    private bool ChooseHost()
    {
        if (_record.Route is not { } route)
        {
            return Fail(404, ResponseFlags.NoRouteFound, "no route");
        }

        if (route.DirectResponse is { } direct)
        {
            _owner.ReplyOfRoute(direct.Reply);
            return false;
        }

        if (route.Redirect is not null)
        {
            _owner.ReplyOfRoute(Redirects.ReplyOf(_record, route));
            return false;
        }

        if (_destination.ChooseCluster() is not { } cluster)
        {
            return Fail(503, ResponseFlags.NoRouteFound, "no such cluster");
        }

        return _exchange.ChooseHost(cluster) || Fail(503, ResponseFlags.NoHealthyUpstream, "no healthy upstream");
    }

    private bool Fail(int status, ResponseFlags flags, string reason)
    {
        _owner.FailRequest(status, flags, reason);
        return false;
    }
}
