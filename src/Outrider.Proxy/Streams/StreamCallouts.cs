using System.Text;
using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.V1.Parsing;
using Outrider.Proxy.Upstream;

namespace Outrider.Proxy.Streams;

/// <summary>The requests that a stream's filters have made to clusters and that have no answer yet. On the stream's loop.</summary>
internal sealed class StreamCallouts(ProxyStream stream)
{
    private readonly HashSet<Pending> _pending = [];

    internal Task<CalloutResponse> StartAsync(Callout callout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (new LoopClusters(stream.Snapshot.Clusters, stream.Loop.Index).Find(callout.Cluster) is not { } cluster)
        {
            throw Failure(callout, "there is no such cluster");
        }

        var pending = new Pending(this, callout);
        if (CollectedCall.Create(stream.Context, cluster, pending.OnEnded) is not { } call)
        {
            throw Failure(callout, "it has no host");
        }

        Fill(call.Call.Request, callout, stream.Snapshot.Limits.StrictTarget);
        pending.Call = call;
        _ = _pending.Add(pending);
        call.Call.Start(callout.Body.Span, endStream: true, (long)Math.Clamp(Math.Ceiling(callout.Timeout.TotalMilliseconds), 1, int.MaxValue));
        pending.CancelWith(cancellationToken);
        return pending.Task;
    }

    /// <summary>The stream has ended: there will be no answers.</summary>
    internal void End()
    {
        foreach (var pending in _pending)
        {
            pending.Call.Cancel();
            pending.Dispose();
            _ = pending.TrySetCanceled(stream.Aborted);
        }

        _pending.Clear();
    }

    private static void Fill(RequestHead head, Callout callout, bool isStrict)
    {
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
            _ = owner._pending.Remove(this);
            Dispose();
            _ = end switch
            {
                CollectedCallEnd.Answered => TrySetResult(Read(call)),
                CollectedCallEnd.TooLarge => TrySetException(Failure(callout, "the answer is larger than filters may collect (max_buffered_body_size)")),
                _ => TrySetException(Failure(callout, $"{call.Call.Host}: {call.Call.FailureReason ?? "it broke off"}")),
            };
        }

        public void Dispose() => _registration.Dispose();

        private Net.Loops.EventLoop Loop { get; } = owner.Loop;

        private void Cancel()
        {
            if (owner._pending.Remove(this))
            {
                Call.Cancel();
                _ = TrySetCanceled(_token);
            }
        }

        private static CalloutResponse Read(CollectedCall call)
        {
            var head = call.Call.ResponseHead;
            var fields = new List<KeyValuePair<string, string>>(head.Fields.Count);
            for (int i = 0; i < head.Fields.Count; i++)
            {
                // Lower case, as Envoy has them: whoever compares names by letters sees the same on each base.
                fields.Add(new(Encoding.Latin1.GetString(head.Fields.NameAt(i)).ToLowerInvariant(), Encoding.Latin1.GetString(head.Fields.ValueAt(i))));
            }

            return new CalloutResponse(head.Status, fields, call.Body.ToArray());
        }
    }

    private Net.Loops.EventLoop Loop => stream.Loop;
}
