namespace Outrider.Filters.Testing;

/// <summary>A request whose body a test sends piece by piece. Any thread; each step is done behind those before it.</summary>
public sealed class TestStream
{
    private readonly FilterHost _host;
    private readonly StreamRun _run;
    private readonly TestRequest _request;

    internal TestStream(FilterHost host, StreamRun run, TestRequest request)
    {
        _host = host;
        _run = run;
        _request = request;
    }

    /// <summary>Ends with the exchange, when its filters have ended. Fails with a <see cref="TimeoutException"/> that names the filters that have not answered within <see cref="FilterHost.Patience"/> of being asked for.</summary>
    public Task<TestExchange> Completion => WaitAsync();

    /// <summary>Sends a piece of the body.</summary>
    public Task WriteAsync(ReadOnlyMemory<byte> bytes, bool endStream = false) => _host.Loop.RunAsync(() => _run.OnRequestData(bytes.ToArray(), endStream));

    /// <summary>Sends a piece of the body, as UTF-8.</summary>
    public Task WriteAsync(string text, bool endStream = false) => WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), endStream);

    /// <summary>Ends the request without trailers.</summary>
    public Task CompleteAsync() => WriteAsync(default(ReadOnlyMemory<byte>), endStream: true);

    /// <summary>Ends the request with the trailers that it was made with.</summary>
    public Task WriteTrailersAsync() => _host.Loop.RunAsync(() =>
    {
        _run.RequestTrailers ??= new TestTrailers(_request.Trailers);
        _run.OnRequestTrailers();
    });

    /// <summary>The client takes nothing of the response for now: filters are told, and a <see cref="StreamedReply"/> waits.</summary>
    public Task BlockAsync() => _host.Loop.RunAsync(() => _run.Block(true));

    /// <summary>The client takes again what comes.</summary>
    public Task UnblockAsync() => _host.Loop.RunAsync(() => _run.Block(false));

    /// <summary>The client goes away.</summary>
    public Task AbortAsync() => _host.Loop.RunAsync(_run.Abort);

    private async Task<TestExchange> WaitAsync()
    {
        try
        {
            return await _run.Completion.WaitAsync(_host.Patience);
        }
        catch (TimeoutException e)
        {
            string open = "";
            await _host.Loop.RunAsync(() => open = string.Join(", ", _run.OpenCalls.Select(call => $"{call.Filter}.{call.Method}"))).WaitAsync(_host.Patience);
            throw new TimeoutException(
                $"{_request} is not over after {_host.Patience.TotalSeconds:0.#} s: "
                + (open.Length > 0 ? $"{open} has not answered (what waits for the host's clock needs AdvanceAsync)" : "the request has not ended, or its cluster does not answer"),
                e);
        }
    }
}
