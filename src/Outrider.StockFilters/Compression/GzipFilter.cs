using System.Buffers.Text;
using Outrider.Filters;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.Compression;

/// <summary>
/// Compresses responses for clients that take it: MOSN's <c>pkg/filter/stream/gzip</c>, with what HTTP asks for beside (RFC 9110 §8.4, §8.8.3, §12.5.3, §14):
/// not what is compressed already, a part of something, or may not be changed; <c>vary</c>; an entity tag becomes weak.
/// </summary>
[StreamFilter("gzip", JsonContext = typeof(CompressionJson))]
public sealed class GzipFilter(GzipConfig config) : StreamFilter
{
    private BodyCompressor? _compressor;
    private ContentCoding _wanted;
    private bool _isHead;

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        _wanted = AcceptEncoding.Choose(headers, config.Codings);
        _isHead = headers.Method.SequenceEqual("HEAD"u8);
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
    {
        var gzip = Stream.ConfigurationOr(config);
        // MOSN's variable, by which a filter has this response left alone.
        if (gzip.Disable || Stream.GetVariable("proxy_gzip_switch") as string == "off" || !IsFit(gzip, headers))
        {
            return FilterAction.Continue;
        }

        // Another client would get it otherwise, whether this one does or not.
        VaryHeader.Add(headers, "accept-encoding"u8);
        if (_wanted == ContentCoding.None || endStream && !_isHead)
        {
            return FilterAction.Continue;
        }

        headers.Set("content-encoding", AcceptEncoding.NameOf(_wanted));
        _ = headers.Remove("content-length"u8);
        _ = headers.Remove("accept-ranges"u8);
        WeakenTag(headers);
        if (!endStream)
        {
            _compressor = BodyCompressor.Start(_wanted, gzip.GzipLevel);
            config.Compressed.Add(1, AcceptEncoding.NameOf(_wanted));
        }

        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeDataAsync(BodyBuffer data, bool endStream)
    {
        Compress(data, endStream);
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeTrailersAsync(HeaderMap trailers, BodyBuffer body)
    {
        Compress(body, isLast: true);
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override void OnDestroy() => _compressor?.Dispose();

    /// <summary>True: the fields are as new.</summary>
    public override bool TryReset()
    {
        _compressor = null;
        _wanted = ContentCoding.None;
        _isHead = false;
        return true;
    }

    private void Compress(BodyBuffer data, bool isLast)
    {
        if (_compressor is not { } compressor)
        {
            return;
        }

        config.BytesIn.Add(data.Length);
        compressor.Compress(data, isLast);
        config.BytesOut.Add(data.Length);
    }

    private static bool IsFit(GzipConfig gzip, ResponseHeaders headers)
        => headers.Status is >= 200 and not (204 or 205 or 206 or 304)
            && !headers.Contains("content-encoding"u8) && !headers.Contains("content-range"u8)
            && !(headers.GetString("cache-control"u8)?.Contains("no-transform", StringComparison.OrdinalIgnoreCase) ?? false)
            && gzip.Takes(headers.GetString("content-type"u8) ?? "")
            && !(headers.TryGetValue("content-length"u8, out var text) && Utf8Parser.TryParse(text, out long length, out _) && (length == 0 || length < gzip.ContentLength));

    // The bytes are others, the meaning is the same (RFC 9110 §8.8.1).
    private static void WeakenTag(ResponseHeaders headers)
    {
        if (headers.GetString("etag"u8) is ['"', ..] tag)
        {
            headers.Set("etag", "W/" + tag);
        }
    }
}
