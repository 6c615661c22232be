using System.Globalization;
using Outrider.Filters;

namespace Outrider.Tests.Modules;

/// <summary>Does in one phase what <c>x-do</c> says, after it has waited where <c>x-pause</c> says so; <c>x-at</c> names the phase. Tells at <c>/live</c> how many of it there are.</summary>
[StreamFilter("phase")]
public sealed class PhaseFilter : StreamFilter
{
    private static int s_live;

    private readonly int _number = Interlocked.Increment(ref s_live);
    private string _at = "", _do = "";
    private bool _pause;

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        if (headers.Path.SequenceEqual("/live"u8))
        {
            return Reply(200, string.Create(CultureInfo.InvariantCulture, $"live={s_live - 1} "));
        }

        _at = headers.GetString("x-at") ?? "";
        _do = headers.GetString("x-do") ?? "";
        _pause = headers.Contains("x-pause"u8);
        return _at == "request" ? FilterAction.WaitAllData : DoAsync("headers");
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeDataAsync(BodyBuffer data, bool endStream) => DoAsync("data");

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeTrailersAsync(HeaderMap trailers) => DoAsync("trailers");

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeRequestAsync(RequestHeaders headers, BodyBuffer body, HeaderMap? trailers) => DoAsync("request");

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
        => Stream.IsLocalReply ? FilterAction.Continue : _at == "response" ? FilterAction.WaitAllData : DoAsync("response-headers");

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeDataAsync(BodyBuffer data, bool endStream) => DoAsync("response-data");

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeTrailersAsync(HeaderMap trailers) => DoAsync("response-trailers");

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeResponseAsync(ResponseHeaders headers, BodyBuffer body, HeaderMap? trailers) => DoAsync("response");

    /// <inheritdoc/>
    public override void OnDestroy()
    {
        if (_number == 0)
        {
            Environment.FailFast("destroyed, and never made");
        }

        Interlocked.Decrement(ref s_live);
    }

    private ValueTask<FilterAction> DoAsync(string phase)
        => phase != _at ? FilterAction.Continue : _pause ? LaterAsync() : Act();

    private async ValueTask<FilterAction> LaterAsync()
    {
        await Task.Delay(3, Stream.Aborted);
        return Act();
    }

    private FilterAction Act() => _do switch
    {
        "reply" => Reply(203, "replied"),
        "throw" => throw new InvalidTimeZoneException("thrown on purpose"),
        "terminate" => FilterAction.Terminate,
        _ => FilterAction.Continue,
    };
}
