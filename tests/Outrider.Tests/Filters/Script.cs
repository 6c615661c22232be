using System.Collections.Concurrent;
using Outrider.Filters;
using Outrider.Net.Loops;

namespace Outrider.Tests.Filters;

/// <summary>A factory whose filters do what a test says, and which remembers how their lives went.</summary>
internal sealed class Script : IStreamFilterFactory
{
    private readonly ConcurrentQueue<ScriptedFilter> _filters = new();

    public ReceiverPhase Phase { get; init; }

    /// <summary>How long each method takes before it does what it is told to.</summary>
    internal Pace Pace { get; init; }

    internal Action? Constructor { get; init; }

    internal Func<ScriptedFilter, RequestHeaders, bool, FilterAction>? DecodeHeaders { get; init; }

    internal Func<ScriptedFilter, BodyBuffer, bool, FilterAction>? DecodeData { get; init; }

    internal Func<ScriptedFilter, HeaderMap, FilterAction>? DecodeTrailers { get; init; }

    internal Func<ScriptedFilter, RequestHeaders, BodyBuffer, HeaderMap?, FilterAction>? DecodeRequest { get; init; }

    internal Func<ScriptedFilter, ResponseHeaders, bool, FilterAction>? EncodeHeaders { get; init; }

    internal Func<ScriptedFilter, BodyBuffer, bool, FilterAction>? EncodeData { get; init; }

    internal Func<ScriptedFilter, HeaderMap, FilterAction>? EncodeTrailers { get; init; }

    internal Func<ScriptedFilter, ResponseHeaders, BodyBuffer, HeaderMap?, FilterAction>? EncodeResponse { get; init; }

    internal Action<ScriptedFilter>? Log { get; init; }

    internal Action<ScriptedFilter>? Destroy { get; init; }

    internal Func<bool>? Reset { get; init; }

    /// <summary>In the place of the methods above where a test wants the whole of an <c>await</c> to itself.</summary>
    internal Func<ScriptedFilter, RequestHeaders, ValueTask<FilterAction>>? DecodeHeadersAsync { get; init; }

    internal Func<ScriptedFilter, ResponseHeaders, ValueTask<FilterAction>>? EncodeHeadersAsync { get; init; }

    /// <summary>The filters made so far.</summary>
    internal IReadOnlyCollection<ScriptedFilter> Filters => _filters;

    public StreamFilterMethods Methods
        => Flag(DecodeHeaders ?? (object?)DecodeHeadersAsync ?? DecodeRequest, StreamFilterMethods.DecodeHeaders)
            | Flag(DecodeData, StreamFilterMethods.DecodeData)
            | Flag(DecodeTrailers, StreamFilterMethods.DecodeTrailers)
            | Flag(EncodeHeaders ?? (object?)EncodeHeadersAsync ?? EncodeResponse, StreamFilterMethods.EncodeHeaders)
            | Flag(EncodeData, StreamFilterMethods.EncodeData)
            | Flag(EncodeTrailers, StreamFilterMethods.EncodeTrailers)
            | StreamFilterMethods.OnLog;

    public StreamFilter CreateFilter()
    {
        Constructor?.Invoke();
        var filter = new ScriptedFilter(this);
        _filters.Enqueue(filter);
        return filter;
    }

    private static StreamFilterMethods Flag(object? method, StreamFilterMethods flag) => method is null ? StreamFilterMethods.None : flag;
}

/// <summary>A filter of a <see cref="Script"/>.</summary>
internal sealed class ScriptedFilter(Script script) : StreamFilter
{
    private readonly ConcurrentQueue<string> _calls = new();

    internal StreamContext Context => Stream;

    /// <summary>What was called, in order.</summary>
    internal IReadOnlyList<string> Calls => [.. _calls];

    internal EventLoop? Loop { get; private set; }

    /// <summary>Something that a test keeps with the stream.</summary>
    internal object? State { get; set; }

    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
        => script.DecodeHeadersAsync is { } method
            ? method(this, headers)
            : Call("DecodeHeaders", () => script.DecodeHeaders?.Invoke(this, headers, endStream) ?? (script.DecodeRequest is null ? FilterAction.Continue : FilterAction.WaitAllData));

    public override ValueTask<FilterAction> DecodeDataAsync(BodyBuffer data, bool endStream)
        => Call("DecodeData", () => script.DecodeData?.Invoke(this, data, endStream) ?? FilterAction.Continue);

    public override ValueTask<FilterAction> DecodeTrailersAsync(HeaderMap trailers)
        => Call("DecodeTrailers", () => script.DecodeTrailers?.Invoke(this, trailers) ?? FilterAction.Continue);

    public override ValueTask<FilterAction> DecodeRequestAsync(RequestHeaders headers, BodyBuffer body, HeaderMap? trailers)
        => Call("DecodeRequest", () => script.DecodeRequest?.Invoke(this, headers, body, trailers) ?? FilterAction.Continue);

    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
        => script.EncodeHeadersAsync is { } method
            ? method(this, headers)
            : Call("EncodeHeaders", () => script.EncodeHeaders?.Invoke(this, headers, endStream) ?? (script.EncodeResponse is null ? FilterAction.Continue : FilterAction.WaitAllData));

    public override ValueTask<FilterAction> EncodeDataAsync(BodyBuffer data, bool endStream)
        => Call("EncodeData", () => script.EncodeData?.Invoke(this, data, endStream) ?? FilterAction.Continue);

    public override ValueTask<FilterAction> EncodeTrailersAsync(HeaderMap trailers)
        => Call("EncodeTrailers", () => script.EncodeTrailers?.Invoke(this, trailers) ?? FilterAction.Continue);

    public override ValueTask<FilterAction> EncodeResponseAsync(ResponseHeaders headers, BodyBuffer body, HeaderMap? trailers)
        => Call("EncodeResponse", () => script.EncodeResponse?.Invoke(this, headers, body, trailers) ?? FilterAction.Continue);

    public override void OnLog()
    {
        _calls.Enqueue("OnLog");
        script.Log?.Invoke(this);
    }

    public override void OnDestroy()
    {
        _calls.Enqueue("OnDestroy");
        script.Destroy?.Invoke(this);
    }

    public override bool TryReset() => script.Reset?.Invoke() ?? false;

    private ValueTask<FilterAction> Call(string name, Func<FilterAction> method)
    {
        _calls.Enqueue(name);
        Loop ??= EventLoop.Current;
        OnLoop(name);
        return script.Pace == Pace.AtOnce ? method() : CallLater(name, method);
    }

    private async ValueTask<FilterAction> CallLater(string name, Func<FilterAction> method)
    {
        await Paces.WaitAsync(script.Pace);
        OnLoop(name);
        return method();
    }

    // Every call of every test, and what comes after its awaits, is on the one thread that the stream belongs to.
    private void OnLoop(string name)
    {
        if (EventLoop.Current is null || EventLoop.Current != Loop)
        {
            throw new InvalidOperationException($"{name} runs on {Thread.CurrentThread.Name ?? "a thread"} and not on its loop");
        }
    }
}
