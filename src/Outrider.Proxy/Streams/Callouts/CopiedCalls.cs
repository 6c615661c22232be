using Outrider.Filters;
using Outrider.Proxy.Streams.Records;
using Outrider.Upstream;
using Outrider.Upstream.Hosts;

namespace Outrider.Proxy.Streams.Callouts;

/// <summary>
/// Copies of a request to several hosts: answers are thrown away as they come. They hold on to nothing of their stream but the loop, so that they go on when it has
/// ended. On the loop.
/// </summary>
internal sealed class CopiedCalls : CalloutCopies, IUpstreamCallOwner, IDisposable
{
    private readonly List<UpstreamCall> _calls = [];
    private bool _completed;

    private CopiedCalls()
    {
    }

    public override int Count => _calls.Count;

    /// <summary>Begins them.</summary>
    /// <param name="services">Where the stream is.</param>
    /// <param name="cluster">Whose hosts are asked.</param>
    /// <param name="count">How many requests; 0: one to each host.</param>
    /// <param name="fill">Fills a request's head.</param>
    /// <param name="callout">The body, and the time for each.</param>
    internal static CopiedCalls Start(ListenerServices services, Cluster cluster, int count, Action<UpstreamCall> fill, Callout callout)
    {
        var copies = new CopiedCalls();
        TriedHosts tried = default;
        var hosts = cluster.Hosts.Hosts;
        int all = count > 0 ? count : hosts.Length;
        for (int i = 0; i < all; i++)
        {
            if (count == 0 && !hosts[i].IsHealthy)
            {
                continue;
            }

            if ((count > 0 ? UpstreamCall.Create(services, cluster, copies, ref tried) : UpstreamCall.Create(services, cluster, copies, hosts[i])) is not { } call)
            {
                break;
            }

            fill(call);
            copies._calls.Add(call);
        }

        long timeout = StreamCallouts.MillisecondsOf(callout);
        foreach (var call in copies._calls)
        {
            call.Start(callout.Body.Span, endStream: false, timeout);
        }

        return copies;
    }

    public override void Write(ReadOnlySpan<byte> bytes)
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        for (int i = _calls.Count - 1; i >= 0; i--)
        {
            if (!_calls[i].SendData(bytes, endStream: false))
            {
                // More waits for it than may: it gets no whole request.
                _calls[i].Cancel();
                _calls.RemoveAt(i);
            }
        }
    }

    public override void Complete()
    {
        if (_completed)
        {
            return;
        }

        _completed = true;
        foreach (var call in _calls)
        {
            _ = call.SendData(default, endStream: true);
        }
    }

    /// <summary>The stream has ended: what was not completed is broken off.</summary>
    public void Dispose()
    {
        if (!_completed)
        {
            _completed = true;
            _calls.ForEach(static call => call.Cancel());
            _calls.Clear();
        }
    }

    public void OnCallHead(UpstreamCall call, bool endStream)
    {
        if (endStream)
        {
            _ = _calls.Remove(call);
        }
    }

    public void OnCallData(UpstreamCall call, ReadOnlySpan<byte> data, bool endStream)
    {
        if (endStream)
        {
            _ = _calls.Remove(call);
        }
    }

    public void OnCallTrailers(UpstreamCall call) => _ = _calls.Remove(call);

    public void OnCallFailed(UpstreamCall call, bool connected, bool timedOut, bool protocolError) => _ = _calls.Remove(call);
}
