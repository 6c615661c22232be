using System.Diagnostics.CodeAnalysis;
using Outrider.Hosting.Ends;

namespace Outrider.Filters.Testing;

/// <summary>One stream in memory: its filters, the ways of its request and its response, and its end. On the host's loop, but for <see cref="Aborted"/>.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The source is disposed with the stream's end.")]
internal sealed class StreamRun
{
    private readonly TestRecord _record;
    private readonly StreamFilters _filters;
    private readonly TestContext _context;
    private readonly TaskCompletionSource<TestExchange> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource? _asking;
    private EarlyEnd _end;
    private TestReplyWriter? _writer;
    private int _waiting;
    private bool _ended, _cut;

    internal StreamRun(FilterHost host, TestChain chain, TestRequest request, long id)
    {
        Host = host;
        Chain = chain;
        Id = id;
        _record = new TestRecord(request);
        RequestHeaders = new TestRequestHeaders(request);
        AnswersHead = request.Method == "HEAD";
        if (request.Trailers.Count > 0)
        {
            RequestTrailers = new TestTrailers(request.Trailers);
        }
        else if (!request.IsChunked && request.Pieces.Count > 0 && RequestHeaders.Fields.Length < 0)
        {
            RequestHeaders.Fields.Length = request.Pieces.Sum(piece => piece.Length);
        }

        _filters = new StreamFilters(this);
        _context = new TestContext(this, request);
        BodyLimit = host.MaxBufferedBody;
        Request = new RequestWay(this);
        Response = new ResponseWay(this);
        Route = new StreamRoute(this);
    }

    internal FilterHost Host { get; }

    internal TestChain Chain { get; }

    internal TestLoop Loop => Host.Loop;

    internal long Id { get; }

    internal Task<TestExchange> Completion => _completion.Task;

    internal TestRequestHeaders RequestHeaders { get; }

    internal TestTrailers? RequestTrailers { get; set; }

    internal RequestWay Request { get; }

    internal ResponseWay Response { get; }

    internal StreamRoute Route { get; }

    /// <summary>Did the client ask with HEAD, whatever filters have made of its request since?</summary>
    internal bool AnswersHead { get; }

    internal long BodyLimit { get; set; }

    internal ResponseFlags Flags { get; private set; }

    internal bool IsLocal { get; private set; }

    internal long BytesReceived { get; private set; }

    /// <summary>Does the client take nothing for now?</summary>
    internal bool IsBlocked { get; private set; }

    /// <summary>Is the exchange over, so that nobody waits for what filters do?</summary>
    internal bool HasEnded => _ended;

    /// <summary>Any thread.</summary>
    internal CancellationToken Aborted => _end.Token;

    /// <summary>The calls of filters that have not answered.</summary>
    internal IEnumerable<TestCall> OpenCalls => _record.OpenCalls;

    internal StreamFilter FilterAt(int place) => _filters[place];

    internal string NamesWith(StreamFilterMethods methods)
        => string.Join(", ", Chain.Filters.Where(filter => (filter.Factory.Methods & methods) != 0).Select(filter => filter.Name));

    internal void Begin(bool endStream)
    {
        if (!_filters.Begin(_context))
        {
            return;
        }

        Request.Begin(this);
        Request.First.OnHead(endStream);
        OnStepped();
    }

    internal void OnRequestData(byte[] bytes, bool endStream)
    {
        BytesReceived += bytes.Length;
        Request.First.OnData(bytes, endStream);
        OnStepped();
    }

    internal void OnRequestTrailers()
    {
        Request.First.OnTrailers();
        OnStepped();
    }

    /// <summary>The client takes nothing for now, or takes what comes again.</summary>
    internal void Block(bool isBlocked)
    {
        if (IsBlocked == isBlocked || _ended)
        {
            return;
        }

        IsBlocked = isBlocked;
        _ = _filters.Tell(StreamFilterMethods.OnFlow, filter =>
        {
            if (isBlocked)
            {
                filter.OnResponseBlocked();
            }
            else
            {
                filter.OnResponseUnblocked();
            }

            return true;
        });
        _writer?.OnReady();
    }

    /// <summary>The client has gone.</summary>
    internal void Abort()
    {
        if (!_ended)
        {
            Flags |= ResponseFlags.DownstreamConnectionTermination;
            Cut();
        }
    }

    internal TestCall OnCall(TestCall call) => _record.Add(call);

    internal void OnWaits() => _waiting++;

    internal void OnResumed() => _waiting--;

    /// <summary>Something has been done: the stream may be over with it.</summary>
    internal void OnStepped()
    {
        _writer?.OnReady();
        if (_ended && _waiting == 0 && _writer is not { IsRunning: true })
        {
            Conclude();
        }
    }

    internal void OnCollected(bool isResponse, bool cameWithBody) => (isResponse ? Response.End : Request.End).OnCollected(cameWithBody);

    /// <summary>The head has come to a filter of a phase. False: it goes no further.</summary>
    internal bool EnterPhase(ReceiverPhase phase)
    {
        if (phase >= ReceiverPhase.AfterRoute)
        {
            Route.Match();
        }

        return phase != ReceiverPhase.AfterChooseHost || ChooseHost();
    }

    /// <summary>False: there is none, and the client is told.</summary>
    internal bool ChooseHost()
    {
        if (Route.ChooseHost())
        {
            return true;
        }

        Flags |= ResponseFlags.NoRouteFound;
        ReplyHere(404, "no route matches");
        return false;
    }

    /// <summary>The request has left its filters.</summary>
    internal void Ask(TestRequest request)
    {
        _record.Upstream = request;
        _asking = new CancellationTokenSource();
        _ = AskAsync(request, _asking.Token);
    }

    /// <summary>A filter answers in the place of the upstream.</summary>
    internal void ReplyFrom(PathStep step, FilterAction answer)
    {
        CancelAsking();
        if (step.IsResponse)
        {
            Reply(answer.Status, answer.Text, answer.LocalReply, from: step.Place + 1);
            return;
        }

        if (answer.StreamedReply is not { } streamed)
        {
            Reply(answer.Status, answer.Text, answer.LocalReply, FromStart());
            return;
        }

        Request.Close();
        int from = FromStart();
        IsLocal = true;
        _writer = new TestReplyWriter(this, streamed, step.Entry.Name);
        _writer.Start(Response.Begin(TestReplyHead.Of(streamed), null, from));
    }

    /// <summary>A filter threw, or answered what it may not.</summary>
    internal void Fail(string filter, Exception e)
    {
        LogFailure(filter, e);
        if (_ended)
        {
            return;
        }

        Flags |= ResponseFlags.FilterError;
        CancelAsking();
        if (Response.IsHeadSent)
        {
            Cut();
            return;
        }

        Reply(500, "internal error", null, from: Chain.Filters.Length, $"filter {filter} failed");
    }

    internal void LogFailure(string filter, Exception e)
        => Host.WriteLog(new TestLogLine(Id, StreamLogLevel.Error, $"filter '{filter}' failed: {e.Message}") { Failure = e });

    internal void OnTooLarge(bool isResponse)
    {
        Flags |= ResponseFlags.EntityTooLarge;
        CancelAsking();
        ReplyHere(isResponse ? 502 : 413, isResponse ? "the response is larger than filters may collect" : "the body is larger than filters may collect");
    }

    /// <summary>The stream ends without an answer, or in the middle of one.</summary>
    internal void Cut()
    {
        _cut = true;
        End();
    }

    /// <summary>All of the response is with the client.</summary>
    internal void OnResponded() => End();

    internal void AddFlag(string flag) => _record.CustomFlags.Add(flag);

    internal void OnCallout(TestRequest request) => _record.Callouts.Add(request);

    private async Task AskAsync(TestRequest request, CancellationToken cancellationToken)
    {
        TestResponse response;
        try
        {
            var cluster = Chain.Cluster(Route.ClusterName!) ?? throw new InvalidOperationException($"the test has no cluster '{Route.ClusterName}'");
            response = await cluster.AskAsync(request, cancellationToken);
        }
        catch (Exception e)
        {
            if (!cancellationToken.IsCancellationRequested && !_ended)
            {
                Flags |= ResponseFlags.UpstreamConnectionFailure;
                ReplyHere(502, $"the upstream failed: {e.Message}");
                OnStepped();
            }

            return;
        }

        if (cancellationToken.IsCancellationRequested || _ended)
        {
            return;
        }

        bool hasBody = ResponseContent.Of(response.Status, request.Method == "HEAD").IsAllowed && response.Pieces.Count > 0;
        var trailers = response.Trailers.Count > 0 ? new TestTrailers(response.Trailers) : null;
        var way = Response.Begin(TestReplyHead.Of(response), trailers, from: 0);
        way.OnHead(endStream: !hasBody && trailers is null);
        for (int i = 0; hasBody && i < response.Pieces.Count; i++)
        {
            way.OnData(response.Pieces[i], endStream: trailers is null && i == response.Pieces.Count - 1);
        }

        if (trailers is not null)
        {
            way.OnTrailers();
        }

        OnStepped();
    }

    // Filters see an answer that takes another's place, but not while one of them is still at work on the first, and not when that was made here.
    private int FromStart() => Response.IsWaiting || (IsLocal && Response.HasBegun) ? Chain.Filters.Length : 0;

    private void ReplyHere(int status, string text) => Reply(status, text, null, FromStart(), text);

    private void Reply(int status, string? text, LocalReply? reply, int from, string? details = null)
    {
        Request.Close();
        _record.Details = reply?.Details ?? details;
        Flags |= reply?.Flags ?? ResponseFlags.None;
        IsLocal = true;
        if (!_filters.Tell(StreamFilterMethods.OnLocalReply, filter => filter.OnLocalReply(status, _record.Details ?? "")))
        {
            Cut();
            return;
        }

        var (head, body) = TestReplyHead.Of(status, text, reply);
        var way = Response.Begin(head, null, from);
        way.OnHead(endStream: body.Length == 0);
        if (body.Length > 0)
        {
            way.OnData(body, endStream: true);
        }
    }

    private void CancelAsking()
    {
        _asking?.Cancel();
        _writer?.Drop();
    }

    private void End()
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        CancelAsking();
        Request.Close();
        Response.Close();
        if (_cut || _waiting > 0)
        {
            _end.Come();
            try
            {
                _end.Tell();
            }
            catch (AggregateException e)
            {
                Host.WriteLog(new TestLogLine(Id, StreamLogLevel.Error, $"who waited for the stream's end failed: {e.Message}") { Failure = e });
            }
        }

        // Never from within a call to a filter.
        Loop.Post(static run => ((StreamRun)run!).OnStepped(), this);
    }

    private void Conclude()
    {
        if (_completion.Task.IsCompleted)
        {
            return;
        }

        _ = _filters.Tell(StreamFilterMethods.OnLog, static filter =>
        {
            filter.OnLog();
            return true;
        });
        var exchange = _record.Close(this, _cut, _context);
        _filters.End();
        _end.Reset();
        _asking?.Dispose();
        _ = _completion.TrySetResult(exchange);
    }
}
