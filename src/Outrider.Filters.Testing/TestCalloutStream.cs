namespace Outrider.Filters.Testing;

/// <summary>A callout whose body is written, and whose answer is read, piece by piece: the cluster is asked when its request has ended. On the host's loop.</summary>
internal sealed class TestCalloutStream : CalloutStream
{
    private readonly StreamRun _run;
    private readonly TestCallout _callout;
    private readonly List<byte[]> _body = [];
    private readonly TaskCompletionSource<TestResponse> _answer = new();
    private readonly CancellationTokenSource _disposed = new();
    private int _read;
    private bool _isComplete;

    internal TestCalloutStream(StreamRun run, TestCallout callout)
    {
        _run = run;
        _callout = callout;
        _body.Add(callout.Body.ToArray());
    }

    public override IReadOnlyList<KeyValuePair<string, string>> Trailers { get; protected set; } = [];

    public override async Task<CalloutResponse> GetResponseAsync(CancellationToken cancellationToken = default)
    {
        Check();
        var answer = await WaitAsync(cancellationToken);
        return new CalloutResponse(answer.Status, answer.Headers, []);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        Check();
        if (_isComplete)
        {
            throw new InvalidOperationException("the request has ended");
        }

        _body.Add(bytes.ToArray());
        return ValueTask.CompletedTask;
    }

    public override ValueTask CompleteAsync()
    {
        Check();
        if (_isComplete)
        {
            throw new InvalidOperationException("the request has ended");
        }

        _isComplete = true;
        _ = AskAsync();
        return ValueTask.CompletedTask;
    }

    public override async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken = default)
    {
        Check();
        var answer = await WaitAsync(cancellationToken);
        if (_read < answer.Pieces.Count)
        {
            return answer.Pieces[_read++];
        }

        Trailers = answer.Trailers;
        return default;
    }

    public override void Dispose()
    {
        _disposed.Cancel();
        _disposed.Dispose();
    }

    private async Task AskAsync()
    {
        try
        {
            _answer.SetResult(await _callout.AnswerAsync(_body, _disposed.Token));
        }
        catch (OperationCanceledException)
        {
            _answer.SetCanceled();
        }
        catch (CalloutException e)
        {
            _answer.SetException(e);
            _ = _answer.Task.Exception;
        }
    }

    private async Task<TestResponse> WaitAsync(CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_run.Aborted, cancellationToken);
        return await _answer.Task.WaitAsync(end.Token);
    }

    private void Check()
    {
        if (_run.HasEnded || !_run.Loop.IsCurrent)
        {
            throw new InvalidOperationException(_run.HasEnded ? "the stream has ended" : "a callout is only to be touched on its stream's own thread");
        }
    }
}
