using System.Text;
using Outrider.Envoy.Callbacks;
using Outrider.Envoy.Links;
using Outrider.Filters;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Callouts;

/// <summary>The requests that a stream's filter has made to Envoy's clusters and that have no answer yet. Touched on the stream's worker alone.</summary>
internal sealed class StreamCallouts(EnvoyLink link)
{
    private readonly Dictionary<ulong, Pending> _pending = [];
    private readonly Dictionary<ulong, EnvoyCalloutStream> _open = [];

    // Envoy may tell of a callout's end before it has said what the callout's number is.
    private EnvoyCalloutStream? _opening;

    internal Task<CalloutResponse> StartAsync(Callout callout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        nint filter = link.Pointer;
        using var fields = CalloutFields.Of(callout);
        ulong timeout = (ulong)Math.Clamp(callout.Timeout.TotalMilliseconds, 1, uint.MaxValue);
        var started = CalloutCallbacks.Start(filter, Encoding.UTF8.GetBytes(callout.Cluster), fields.Span, callout.Body.Span, timeout, out ulong id);
        if (started != CalloutStart.Success)
        {
            throw new CalloutException($"cluster '{callout.Cluster}': the callout cannot start: {Reason(started)}");
        }

        var pending = new Pending(callout.Cluster);
        _pending.Add(id, pending);
        return cancellationToken.CanBeCanceled ? pending.Task.WaitAsync(cancellationToken) : pending.Task;
    }

    /// <summary>Begins a request whose body is written, and whose answer is read, piece by piece.</summary>
    internal CalloutStream Open(Callout callout)
    {
        nint filter = link.Pointer;
        using var fields = CalloutFields.Of(callout);
        // No limit is 0 there.
        ulong timeout = callout.Timeout == Timeout.InfiniteTimeSpan ? 0 : (ulong)Math.Clamp(callout.Timeout.TotalMilliseconds, 1, uint.MaxValue);
        var opened = new EnvoyCalloutStream(link, this, callout);
        _opening = opened;
        CalloutStart started;
        try
        {
            started = CalloutStreamCallbacks.Start(filter, Encoding.UTF8.GetBytes(callout.Cluster), fields.Span, callout.Body.Span, timeout, out ulong id);
            if (started == CalloutStart.Success && !opened.IsGone)
            {
                opened.Id = id;
                _open[id] = opened;
            }
        }
        finally
        {
            _opening = null;
        }

        return started == CalloutStart.Success ? opened : throw new CalloutException($"cluster '{callout.Cluster}': the callout cannot start: {Reason(started)}");
    }

    /// <summary>The callout of that number; null when nobody waits for it any more.</summary>
    internal EnvoyCalloutStream? Find(ulong id) => _open.GetValueOrDefault(id) ?? _opening;

    /// <summary>Nothing more comes of it.</summary>
    internal void Remove(EnvoyCalloutStream open) => _open.Remove(open.Id);

    internal unsafe void OnDone(ulong id, CalloutResult result, EnvoyHeader* headers, nuint headerCount, EnvoyBuffer* slices, nuint sliceCount)
    {
        if (!_pending.Remove(id, out var pending))
        {
            return;
        }

        if (result != CalloutResult.Success)
        {
            pending.TrySetException(new CalloutException($"cluster '{pending.Cluster}': {(result == CalloutResult.Reset ? "the callout broke off, or took too long" : "the answer is larger than Envoy buffers")}"));
            return;
        }

        pending.TrySetResult(CalloutFields.ReadHead(new(headers, (int)headerCount), CalloutFields.Join(new(slices, (int)sliceCount))));
    }

    /// <summary>The stream has ended: there will be no answers.</summary>
    internal void End()
    {
        foreach (var pending in _pending.Values)
        {
            pending.TrySetCanceled(link.Aborted);
        }

        _pending.Clear();
        foreach (var open in _open.Values)
        {
            open.OnStreamEnded();
        }

        _open.Clear();
    }

    private static string Reason(CalloutStart started) => started switch
    {
        CalloutStart.ClusterNotFound => "there is no such cluster",
        CalloutStart.CannotCreateRequest => "no host takes it",
        _ => started.ToString(),
    };

    private sealed class Pending(string cluster) : TaskCompletionSource<CalloutResponse>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        internal string Cluster { get; } = cluster;
    }
}
