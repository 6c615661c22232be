using Outrider.Hosting.Calls;
using Outrider.Hosting.Driving;

namespace Outrider.Filters.Testing;

/// <summary>One filter on one message: what comes is shown to it by its driver, and what it lets pass goes to the step behind. What comes while it waits is kept. On the host's loop.</summary>
internal sealed class PathStep : IMessageStep
{
    private readonly Queue<(FilterWork Kind, byte[] Bytes, bool EndStream)> _arrived = [];
    private readonly IMessageStep _next;
    private readonly BodyHold _piece = new();
    private readonly BodyHold _whole = new();
    private readonly BodyHold _rest = new();
    private FilterDriver _driver;
    private FilterWork _at;
    private TestCall? _call;
    private bool _endStream, _hasBody, _hasTrailers, _works;

    internal PathStep(StreamRun run, int place, bool isResponse, IMessageStep next)
    {
        Run = run;
        Place = place;
        IsResponse = isResponse;
        _next = next;
        Entry = run.Chain.Filters[place];
        Pending = new FilterCall(run.Loop.Post, OnCallEnded);
    }

    internal StreamRun Run { get; }

    internal FilterEntry Entry { get; }

    /// <summary>The filter's place in the chain.</summary>
    internal int Place { get; }

    internal bool IsResponse { get; }

    internal FilterCall Pending { get; }

    internal StreamFilter Filter => Run.FilterAt(Place);

    /// <summary>Does nothing of the message go on any more?</summary>
    internal bool IsClosed { get; private set; }

    /// <summary>Is the message over with its head?</summary>
    internal bool IsHeadAlone { get; private set; }

    public void OnHead(bool endStream) => Arrive(FilterWork.Headers, [], endStream);

    public void OnData(byte[] bytes, bool endStream) => Arrive(FilterWork.Data, bytes, endStream);

    public void OnTrailers() => Arrive(FilterWork.Trailers, [], endStream: true);

    /// <summary>Nothing of the message goes on from here.</summary>
    internal void Close()
    {
        IsClosed = true;
        _arrived.Clear();
    }

    internal bool Overrides(FilterWork work) => work == FilterWork.Whole || (Entry.Factory.Methods & MethodOf(work)) != 0;

    internal ValueTask<FilterAction> Call(StreamFilter filter, FilterWork work, bool endStream)
    {
        _call = Run.OnCall(new TestCall(Entry.Name, NameOf(work), endStream));
        try
        {
            return Record(Begin(filter, work, endStream), _call);
        }
        catch (Exception e)
        {
            _call.Failure = e;
            throw;
        }
    }

    internal void OnWaits()
    {
        _call!.Waited = true;
        Run.OnWaits();
    }

    internal bool OnResumed(Exception? failure)
    {
        Run.OnResumed();
        if (IsClosed && failure is not null)
        {
            Run.LogFailure(Entry.Name, failure);
        }

        return !IsClosed;
    }

    private ValueTask<FilterAction> Begin(StreamFilter filter, FilterWork work, bool endStream) => (work, IsResponse) switch
    {
        (FilterWork.Headers, false) => filter.DecodeHeadersAsync(filter.See(Run.RequestHeaders), endStream),
        (FilterWork.Headers, true) => filter.EncodeHeadersAsync(filter.See(Run.Response.Headers!), endStream),
        (FilterWork.Data, false) => filter.DecodeDataAsync(filter.SeeBody(_piece, response: false), endStream),
        (FilterWork.Data, true) => filter.EncodeDataAsync(filter.SeeBody(_piece, response: true), endStream),
        (FilterWork.Trailers, false) => filter.DecodeTrailersAsync(filter.SeeTrailers(Run.RequestTrailers, response: false)!, filter.SeeBody(_rest, response: false)),
        (FilterWork.Trailers, true) => filter.EncodeTrailersAsync(filter.SeeTrailers(Run.Response.Trailers, response: true)!, filter.SeeBody(_rest, response: true)),
        (_, false) => filter.DecodeRequestAsync(filter.See(Run.RequestHeaders), filter.SeeBody(_whole, response: false), filter.SeeTrailers(_hasTrailers ? Run.RequestTrailers : null, response: false)),
        _ => filter.EncodeResponseAsync(filter.See(Run.Response.Headers!), filter.SeeBody(_whole, response: true), filter.SeeTrailers(_hasTrailers ? Run.Response.Trailers : null, response: true)),
    };

    private static ValueTask<FilterAction> Record(ValueTask<FilterAction> answer, TestCall call)
    {
        if (!answer.IsCompletedSuccessfully)
        {
            return RecordAsync(answer, call);
        }

        var action = answer.Result;
        call.Action = action;
        return action;
    }

    private static async ValueTask<FilterAction> RecordAsync(ValueTask<FilterAction> answer, TestCall call)
    {
        try
        {
            var action = await answer.ConfigureAwait(false);
            call.Action = action;
            return action;
        }
        catch (Exception e)
        {
            call.Failure = e;
            throw;
        }
    }

    private void Arrive(FilterWork kind, byte[] bytes, bool endStream)
    {
        if (IsClosed)
        {
            return;
        }

        _arrived.Enqueue((kind, bytes, endStream));
        Work();
    }

    private void Work()
    {
        if (_works)
        {
            return;
        }

        _works = true;
        while (!Pending.IsPending && !IsClosed && _arrived.TryDequeue(out var next))
        {
            Show(next.Kind, next.Bytes, next.EndStream);
        }

        _works = false;
    }

    private void Show(FilterWork kind, byte[] bytes, bool endStream)
    {
        _at = kind;
        _endStream = endStream;
        var sink = new StepSink(this);
        switch (kind)
        {
            case FilterWork.Headers:
                IsHeadAlone = endStream;
                if (!IsResponse && !Run.EnterPhase(Entry.Factory.Phase))
                {
                    return;
                }

                Apply(_driver.OnHead(ref sink, endStream));
                break;
            case FilterWork.Data:
                _hasBody |= bytes.Length > 0;
                if (_driver.IsCollecting)
                {
                    _whole.Append(bytes);
                    if (_whole.Length > Run.BodyLimit)
                    {
                        Run.OnTooLarge(IsResponse);
                        return;
                    }
                }
                else
                {
                    _piece.Append(bytes);
                }

                Apply(_driver.OnData(ref sink, bytes.Length == 0, endStream));
                break;
            default:
                _hasTrailers = true;
                Apply(_driver.OnTrailers(ref sink));
                break;
        }
    }

    private void Apply(Directive directive)
    {
        switch (directive)
        {
            case Directive.Unseen:
            case Directive.Pass:
                Pass(isSeen: directive == Directive.Pass);
                break;
            case Directive.MatchRoute:
                Run.Route.MatchAgain();
                Pass(isSeen: true);
                break;
            case Directive.ChooseHost:
                Pass(isSeen: true);
                break;
            case Directive.Stop:
            case Directive.Wait:
            case Directive.Collect:
                break;
            default:
                Run.Fail(Entry.Name, new NotSupportedException($"{directive} is for bases that run filters of another kind"));
                break;
        }
    }

    private void Pass(bool isSeen)
    {
        if (isSeen && _driver.Work == FilterWork.Whole)
        {
            PassWhole();
            return;
        }

        switch (_at)
        {
            case FilterWork.Headers:
                _next.OnHead(_endStream);
                break;
            case FilterWork.Data:
                byte[] bytes = _piece.ToArray();
                _piece.Release();
                if (bytes.Length > 0 || _endStream)
                {
                    _next.OnData(bytes, _endStream);
                }

                break;
            default:
                if (!_rest.IsEmpty)
                {
                    byte[] rest = _rest.ToArray();
                    _rest.Release();
                    _next.OnData(rest, endStream: false);
                }

                if (!IsClosed)
                {
                    _next.OnTrailers();
                }

                break;
        }
    }

    private void PassWhole()
    {
        byte[] body = _whole.ToArray();
        _whole.Release();
        Run.OnCollected(IsResponse, cameWithBody: _hasBody);
        _next.OnHead(endStream: body.Length == 0 && !_hasTrailers);
        if (body.Length > 0 && !IsClosed)
        {
            _next.OnData(body, endStream: !_hasTrailers);
        }

        if (_hasTrailers && !IsClosed)
        {
            _next.OnTrailers();
        }
    }

    private void OnCallEnded()
    {
        var sink = new StepSink(this);
        Apply(_driver.OnAnswer(ref sink));
        Work();
        Run.OnStepped();
    }

    private StreamFilterMethods MethodOf(FilterWork work) => (work, IsResponse) switch
    {
        (FilterWork.Headers, false) => StreamFilterMethods.DecodeHeaders,
        (FilterWork.Headers, true) => StreamFilterMethods.EncodeHeaders,
        (FilterWork.Data, false) => StreamFilterMethods.DecodeData,
        (FilterWork.Data, true) => StreamFilterMethods.EncodeData,
        (_, false) => StreamFilterMethods.DecodeTrailers,
        _ => StreamFilterMethods.EncodeTrailers,
    };

    private string NameOf(FilterWork work) => (work, IsResponse) switch
    {
        (FilterWork.Headers, false) => nameof(StreamFilter.DecodeHeadersAsync),
        (FilterWork.Headers, true) => nameof(StreamFilter.EncodeHeadersAsync),
        (FilterWork.Data, false) => nameof(StreamFilter.DecodeDataAsync),
        (FilterWork.Data, true) => nameof(StreamFilter.EncodeDataAsync),
        (FilterWork.Trailers, false) => "DecodeTrailersAsync",
        (FilterWork.Trailers, true) => "EncodeTrailersAsync",
        (_, false) => nameof(StreamFilter.DecodeRequestAsync),
        _ => nameof(StreamFilter.EncodeResponseAsync),
    };
}
