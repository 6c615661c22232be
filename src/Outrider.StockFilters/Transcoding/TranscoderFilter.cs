using Outrider.Filters;

namespace Outrider.StockFilters.Transcoding;

/// <summary>
/// Rewrites requests for their upstream, and its answers for the client, by an <see cref="ITranscoder"/> that the configuration names: MOSN's <c>transcoder</c>. Both are
/// collected whole.
/// </summary>
[StreamFilter("transcoder", Phase = ReceiverPhase.AfterRoute, JsonContext = typeof(TranscodingJson))]
public sealed class TranscoderFilter(TranscoderConfig config) : StreamFilter
{
    private ITranscoder? _transcoder;

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        if (Stream.ConfigurationOr(config) is not { Disable: false } transcoding || transcoding.All.FirstOrDefault(rule => rule.Matches(headers)) is not { } fitting)
        {
            return FilterAction.Continue;
        }

        _transcoder = fitting.Create(Stream.Protocol);
        if (_transcoder?.Accepts(Stream, headers) is not true)
        {
            _transcoder = null;
            return FilterAction.Continue;
        }

        // A request without a body may be given one.
        return FilterAction.WaitAllData;
    }

    /// <inheritdoc/>
    public override async ValueTask<FilterAction> DecodeRequestAsync(RequestHeaders headers, BodyBuffer body, HeaderMap? trailers)
    {
        try
        {
            await _transcoder!.TranscodeRequestAsync(Stream, headers, body, trailers);
            return FilterAction.Continue;
        }
        catch (TranscodingException e)
        {
            _transcoder = null;
            return Failed("request", 400, e);
        }
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
        => _transcoder is null || Stream.IsLocalReply ? FilterAction.Continue : FilterAction.WaitAllData;

    /// <inheritdoc/>
    public override async ValueTask<FilterAction> EncodeResponseAsync(ResponseHeaders headers, BodyBuffer body, HeaderMap? trailers)
    {
        try
        {
            await _transcoder!.TranscodeResponseAsync(Stream, headers, body, trailers);
            return FilterAction.Continue;
        }
        catch (TranscodingException e)
        {
            _transcoder = null;
            return Failed("response", 500, e);
        }
    }

    /// <summary>True: the fields are as new.</summary>
    public override bool TryReset()
    {
        _transcoder = null;
        return true;
    }

    private FilterAction Failed(string side, int status, TranscodingException e)
    {
        config.Failures.Add(1, side);
        Stream.Log.Warn($"transcoder: the {side} cannot be transcoded: {e.Message}");
        return Reply(new LocalReply(status) { Details = $"transcoder_{side}_failed" });
    }
}
