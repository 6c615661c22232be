using System.Text;
using Outrider.Envoy.Abi;
using Outrider.Envoy.Callbacks;
using Outrider.Filters;

namespace Outrider.Envoy.Streams;

/// <summary>The requests that a stream's filter has made to Envoy's clusters and that have no answer yet. Touched on the stream's worker alone.</summary>
internal sealed class StreamCallouts(EnvoyStream stream)
{
    private readonly Dictionary<ulong, Pending> _pending = [];

    internal Task<CalloutResponse> StartAsync(Callout callout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        nint filter = stream.Pointer;
        using var fields = new ModuleHeaders(callout.Headers);
        fields.Add(":method"u8, Encoding.UTF8.GetBytes(callout.Method));
        fields.Add(":path"u8, Encoding.UTF8.GetBytes(callout.Path));
        fields.Add("host"u8, Encoding.UTF8.GetBytes(callout.Authority));
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

        int status = 0;
        var fields = new List<KeyValuePair<string, string>>((int)headerCount);
        foreach (var header in new ReadOnlySpan<EnvoyHeader>(headers, (int)headerCount))
        {
            string name = Encoding.Latin1.GetString(header.NameSpan), value = Encoding.Latin1.GetString(header.ValueSpan);
            if (name == ":status")
            {
                _ = int.TryParse(value, out status);
            }
            else
            {
                fields.Add(new(name, value));
            }
        }

        pending.TrySetResult(new CalloutResponse(status, fields, Join(new ReadOnlySpan<EnvoyBuffer>(slices, (int)sliceCount))));
    }

    /// <summary>The stream has ended: there will be no answers.</summary>
    internal void End()
    {
        foreach (var pending in _pending.Values)
        {
            pending.TrySetCanceled(stream.Aborted);
        }

        _pending.Clear();
    }

    private static byte[] Join(ReadOnlySpan<EnvoyBuffer> slices)
    {
        int length = 0;
        foreach (var slice in slices)
        {
            length += (int)slice.Length;
        }

        var bytes = new byte[length];
        int at = 0;
        foreach (var slice in slices)
        {
            slice.Span.CopyTo(bytes.AsSpan(at));
            at += (int)slice.Length;
        }

        return bytes;
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
