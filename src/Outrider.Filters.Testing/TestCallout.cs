using System.Text;

namespace Outrider.Filters.Testing;

/// <summary>A request of a filter's own to a cluster of the test. On the host's loop.</summary>
internal sealed class TestCallout
{
    private readonly StreamRun _run;
    private readonly Callout _callout;
    private readonly TestCluster _cluster;
    private readonly string _authority;

    /// <exception cref="CalloutException">The test has no such cluster.</exception>
    internal TestCallout(StreamRun run, Callout callout)
    {
        _run = run;
        _callout = callout;
        _authority = Encoding.UTF8.GetString(callout.HostBytes);
        _cluster = run.Chain.Cluster(callout.Cluster) ?? throw new CalloutException($"there is no cluster '{callout.Cluster}': FilterHost.OnCluster gives one");
    }

    internal ReadOnlyMemory<byte> Body => _callout.Body;

    internal Task<CalloutResponse> AskAsync(CancellationToken cancellationToken) => ReadAsync(AnswerAsync([_callout.Body.ToArray()], cancellationToken));

    /// <summary>Asks the cluster, within the callout's time, for as long as the stream lives.</summary>
    internal async Task<TestResponse> AnswerAsync(IReadOnlyList<byte[]> body, CancellationToken cancellationToken)
    {
        var request = Request(body);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_run.Aborted, cancellationToken);
        try
        {
            var answer = _cluster.AskAsync(request, end.Token);
            return await (_callout.Timeout == Timeout.InfiniteTimeSpan ? answer.WaitAsync(end.Token) : answer.WaitAsync(_callout.Timeout, _run.Host.Clock, end.Token));
        }
        catch (TimeoutException e)
        {
            throw new CalloutException($"the cluster '{_callout.Cluster}' has not answered within {_callout.Timeout}", e);
        }
        catch (Exception e) when (e is not OperationCanceledException || !end.IsCancellationRequested)
        {
            throw new CalloutException($"the cluster '{_callout.Cluster}' failed: {e.Message}", e);
        }
    }

    /// <summary>Asks, and does not wait.</summary>
    internal void AskInVain(IReadOnlyList<byte[]> body) => _ = _cluster.AskAsync(Request(body), CancellationToken.None)
        .ContinueWith(static answer => answer.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private static async Task<CalloutResponse> ReadAsync(Task<TestResponse> answer)
    {
        var response = await answer;
        return new CalloutResponse(response.Status, response.Headers, response.BodyBytes);
    }

    private TestRequest Request(IReadOnlyList<byte[]> body)
    {
        var request = new TestRequest(_callout.Method, _callout.Path) { Authority = _authority };
        foreach (var (name, value) in _callout.Headers)
        {
            if (!Callout.IsHost(name))
            {
                _ = request.With(name, value);
            }
        }

        foreach (byte[] piece in body)
        {
            if (piece.Length > 0)
            {
                _ = request.WithBytes(piece);
            }
        }

        _run.OnCallout(request);
        return request;
    }
}
