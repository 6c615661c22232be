using Outrider.Filters;

namespace Outrider.Samples.GrpcFilter;

/// <summary>
/// Lets a call pass whose <c>x-api-key</c> is one of the configuration's, and tells the client in the trailers for whom it was made.
/// To others it answers 401, of which the proxy makes UNAUTHENTICATED for clients of gRPC.
/// </summary>
[StreamFilter("api-key", JsonContext = typeof(ApiKeyJson))]
public sealed class ApiKeyFilter(ApiKeyConfig config) : StreamFilter
{
    private byte[]? _caller;

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        _caller = headers.TryGetValue("x-api-key"u8, out var key) ? config.CallerOf(key) : null;
        if (_caller is null)
        {
            return Reply(401, "no such key");
        }

        // The host needs to know who calls, and no secrets.
        _ = headers.Remove("x-api-key"u8);
        headers.Set("x-caller"u8, _caller);
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeTrailersAsync(HeaderMap trailers)
    {
        trailers.Set("x-caller"u8, _caller);
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override bool TryReset()
    {
        _caller = null;
        return true;
    }
}
