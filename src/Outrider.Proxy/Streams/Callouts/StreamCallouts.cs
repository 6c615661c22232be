using System.Text;
using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.V1.Parsing;
using Outrider.Net.Loops;
using Outrider.Proxy.Streams.Records;
using Outrider.Upstream;

namespace Outrider.Proxy.Streams.Callouts;

/// <summary>The requests that a stream's filters have made to clusters and that have no answer yet. On the stream's loop.</summary>
internal sealed class StreamCallouts(StreamRecord record, IFlowOwner owner, KeptResources kept) : ICallSource
{
    private HashSet<Pending>? _pending;
    private HashSet<StreamedCallout>? _open;
    private StreamedCalls? _calls;

    public int MaxBufferedBody => record.Services.MaxBufferedBody;

    /// <summary>Must the client wait with the rest of its request, because an upstream of a filter's request takes nothing?</summary>
    internal bool HoldsRequest => _calls is { HoldRequest: true };

    private StreamedCalls Calls => _calls ??= new(record.Services, owner);

    private EventLoop Loop => record.Loop;

    public UpstreamCall? Call(Cluster cluster, IUpstreamCallOwner owner)
        => Calls.IsFull ? null : UpstreamCall.Create(record.Services, cluster, owner, Calls, owner is CollectedCall ? null : owner as ICallFlow ?? Calls);

    /// <summary>Asks a cluster.</summary>
    /// <exception cref="CalloutException">It cannot be asked.</exception>
    /// <exception cref="InvalidOperationException">This is not the stream's thread.</exception>
    internal Task<CalloutResponse> StartAsync(Callout callout, CancellationToken cancellationToken)
    {
        ThrowUnlessOnLoop();
        if (record.HasEnded)
        {
            return Task.FromCanceled<CalloutResponse>(new CancellationToken(canceled: true));
        }

        cancellationToken.ThrowIfCancellationRequested();
        var cluster = Find(callout);
        var pending = new Pending(this, callout);
        if (CollectedCall.Create(this, cluster, pending.OnEnded) is not { } call)
        {
            throw Failure(callout, "it has no host");
        }

        Fill(call.Call, callout, record.Snapshot.Limits.StrictTarget);
        pending.Call = call;
        _ = (_pending ??= []).Add(pending);
        call.Call.Start(callout.Body.Span, endStream: true, MillisecondsOf(callout));
        pending.CancelWith(cancellationToken);
        return pending.Task;
    }

    /// <summary>Begins a request whose body is written, and whose answer is read, piece by piece.</summary>
    /// <exception cref="CalloutException">It cannot be asked.</exception>
    /// <exception cref="InvalidOperationException">This is not the stream's thread.</exception>
    /// <exception cref="OperationCanceledException">The stream has ended.</exception>
    internal CalloutStream Open(Callout callout)
    {
        ThrowUnlessOnLoop();
        if (record.HasEnded)
        {
            throw new OperationCanceledException("the stream has ended", record.EarlyEnd.Token);
        }

        var cluster = Find(callout);
        var open = new StreamedCallout(record.Loop, callout, record.Services.MaxBufferedBody, OnClosed);
        if (UpstreamCall.Create(record.Services, cluster, open, Calls, open) is not { } call)
        {
            throw Failure(callout, "it has no host");
        }

        Fill(call, callout, record.Snapshot.Limits.StrictTarget);
        _ = (_open ??= []).Add(open);
        open.Start(call);
        return open;
    }

    /// <summary>Sends copies of a request.</summary>
    /// <exception cref="CalloutException">There is no such cluster.</exception>
    internal CopiedCalls Copy(Callout callout, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var cluster = Find(callout);
        bool isStrict = record.Snapshot.Limits.StrictTarget;
        var copies = CopiedCalls.Start(record.Services, cluster, count, call => Fill(call, callout, isStrict), callout);
        kept.Add(copies);
        return copies;
    }

    /// <summary>How long a callout may take, as <see cref="UpstreamCall.Start"/> wants it: not less than a millisecond.</summary>
    internal static long MillisecondsOf(Callout callout) => (long)Math.Clamp(Math.Ceiling(callout.Timeout.TotalMilliseconds), 1, int.MaxValue);

    /// <summary>The stream has ended: there will be no answers.</summary>
    internal void End()
    {
        if (_pending is { Count: > 0 })
        {
            foreach (var pending in _pending)
            {
                pending.Call.Cancel();
                pending.Dispose();
                _ = pending.TrySetCanceled(record.EarlyEnd.Token);
            }

            _pending.Clear();
        }

        if (_open is { Count: > 0 })
        {
            foreach (var open in _open)
            {
                open.OnStreamEnded(record.EarlyEnd.Token);
            }

            _open.Clear();
        }
    }

    /// <summary>The client takes no more for now, or takes it again: so the answers wait, or go on.</summary>
    internal void HoldAnswers(bool hold) => _calls?.HoldAnswers(hold);

    private void OnClosed(StreamedCallout open) => _open!.Remove(open);

    private void ThrowUnlessOnLoop()
    {
        if (!record.Loop.IsCurrent)
        {
            throw new InvalidOperationException("a callout starts on its stream's own thread: without ConfigureAwait(false)");
        }
    }

    private Cluster Find(Callout callout)
    {
        if (Calls.IsFull)
        {
            throw Failure(callout, $"the stream has {record.Services.MaxCallouts} callouts under way, as many as it may have (max_callouts)");
        }

        return new LoopClusters(record.Snapshot.Clusters, record.Loop.Index).Find(callout.Cluster) ?? throw Failure(callout, "there is no such cluster");
    }

    private static void Fill(UpstreamCall call, Callout callout, bool isStrict)
    {
        call.RequiresHttp2 = callout.RequiresHttp2;
        var head = call.Request;
        head.SetMethod(Encoding.ASCII.GetBytes(callout.Method));
        head.SetTarget(Encoding.UTF8.GetBytes(callout.Path));
        if (isStrict && !RequestTargets.IsStrict(head.Target))
        {
            throw new ArgumentException("the listener has strict_target: a path may have only what RFC 3986 allows");
        }

        foreach (var (name, value) in callout.Headers)
        {
            byte[] field = Encoding.ASCII.GetBytes(name);
            var known = KnownHeaders.Identify(field);
            if (!Callout.IsHost(name) && known != KnownHeader.ContentLength && known != KnownHeader.Expect && !KnownHeaders.IsHopByHop(known))
            {
                head.Fields.Add(field, Encoding.Latin1.GetBytes(value), known);
            }
        }

        head.SetAuthority(callout.HostBytes);
    }

    /// <summary>Header fields, or trailers, as text.</summary>
    internal static IReadOnlyList<KeyValuePair<string, string>> FieldsOf(HeaderBlock block)
    {
        var fields = new List<KeyValuePair<string, string>>(block.Count);
        for (int i = 0; i < block.Count; i++)
        {
            // Lower case, as Envoy has them: whoever compares names by letters sees the same on each base.
            fields.Add(new(Encoding.Latin1.GetString(block.NameAt(i)).ToLowerInvariant(), Encoding.Latin1.GetString(block.ValueAt(i))));
        }

        return fields;
    }

    private static CalloutException Failure(Callout callout, string reason) => new($"cluster '{callout.Cluster}': {reason}");

    private sealed class Pending(StreamCallouts owner, Callout callout) : TaskCompletionSource<CalloutResponse>(TaskCreationOptions.RunContinuationsAsynchronously), IDisposable
    {
        private CancellationTokenRegistration _registration;
        private CancellationToken _token;

        internal CollectedCall Call { get; set; } = null!;

        /// <summary>The caller's own wish to wait no longer: it may come on any thread, and is followed on the loop.</summary>
        internal void CancelWith(CancellationToken token)
        {
            _token = token;
            _registration = token.UnsafeRegister(
                static state =>
                {
                    var pending = (Pending)state!;
                    pending.Loop.Post(static state => ((Pending)state!).Cancel(), pending);
                },
                this);
        }

        internal void OnEnded(CollectedCall call, CollectedCallEnd end)
        {
            _ = owner._pending!.Remove(this);
            Dispose();
            _ = end switch
            {
                CollectedCallEnd.Answered => TrySetResult(Read(call)),
                CollectedCallEnd.TooLarge => TrySetException(Failure(callout, "the answer is larger than filters may collect (max_buffered_body_size)")),
                _ => TrySetException(Failure(callout, $"{call.Call.Host}: {call.Call.FailureReason ?? "it broke off"}")),
            };
        }

        public void Dispose() => _registration.Dispose();

        private EventLoop Loop { get; } = owner.Loop;

        private void Cancel()
        {
            if (owner._pending!.Remove(this))
            {
                Call.Cancel();
                _ = TrySetCanceled(_token);
            }
        }

        private static CalloutResponse Read(CollectedCall call)
        {
            var head = call.Call.ResponseHead;
            return new CalloutResponse(head.Status, FieldsOf(head.Fields), call.Body.ToArray());
        }
    }
}
