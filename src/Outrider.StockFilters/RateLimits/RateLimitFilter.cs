using Outrider.Filters;
using Outrider.StockFilters.Mutation;
using Outrider.StockFilters.RateLimits.Wire;

namespace Outrider.StockFilters.RateLimits;

/// <summary>
/// Asks a service that counts for many proxies whether a request is within its limits (<c>envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit</c>): Envoy's
/// <c>ratelimit</c>. Those that are not are answered with 429; while the service gives no answer they pass, unless the configuration says otherwise.
/// </summary>
[StreamFilter("ratelimit", Phase = ReceiverPhase.AfterRoute, JsonContext = typeof(RateLimitJson))]
public sealed class RateLimitFilter(RateLimitConfig config) : StreamFilter
{
    private RateLimitAnswer? _answer;
    private bool _isRefused;

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
        => config.QuestionFor(Stream, headers, Stream.RouteConfiguration as RateLimitRouteConfig) is { } question ? AskAsync(headers, question) : FilterAction.Continue;

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
    {
        if (_answer is null)
        {
            return FilterAction.Continue;
        }

        // A refusal's type of content is in it already, and is gRPC's where the call is.
        foreach (var change in _answer.ForClient)
        {
            if (!_isRefused || !IsContentType(change))
            {
                change.Apply(headers);
            }
        }

        if (_isRefused)
        {
            foreach (var change in config.OnRefusal)
            {
                change.Apply(headers);
            }
        }

        if (_answer.IsOver && config.Marks)
        {
            headers.Set("x-envoy-ratelimited"u8, "true"u8);
        }

        return FilterAction.Continue;
    }

    /// <summary>True: the fields are as new.</summary>
    public override bool TryReset()
    {
        _answer = null;
        _isRefused = false;
        return true;
    }

    private static bool IsContentType(HeaderChange change) => change.Name.Equals("content-type", StringComparison.OrdinalIgnoreCase);

    private async ValueTask<FilterAction> AskAsync(RequestHeaders headers, RateLimitRequest question)
    {
        try
        {
            _answer = await config.Service.AskAsync(Stream, question);
        }
        catch (CalloutException e)
        {
            bool refuses = config.RefusesOnError();
            Stream.Log.Warn($"ratelimit: {e.Message}");
            config.Answers.Add(1, refuses ? "error" : "failure_mode_allowed");
            return refuses ? Reply(config.OnError) : FilterAction.Continue;
        }

        if (_answer.Metadata is { } metadata)
        {
            Stream.Metadata.Merge("envoy.filters.http.ratelimit", metadata);
        }

        config.Answers.Add(1, _answer.IsOver ? "over_limit" : "ok");
        if (_answer.IsOver && config.Enforces())
        {
            _isRefused = true;
            return Reply(Refusal(_answer, headers));
        }

        foreach (var change in _answer.ForUpstream)
        {
            change.Apply(headers);
        }

        return FilterAction.Continue;
    }

    private LocalReply Refusal(RateLimitAnswer answer, RequestHeaders headers)
    {
        var reply = new LocalReply(config.Status, answer.Body) { Details = "request_rate_limited", Flags = ResponseFlags.RateLimited };
        string? type = answer.ForClient.LastOrDefault(IsContentType) is { } told ? System.Text.Encoding.Latin1.GetString(told.Value!) : answer.Body.Length > 0 ? "text/plain" : null;
        if (IsGrpc(headers))
        {
            return config.GrpcStatus is { } status ? reply.With("grpc-status", status) : reply;
        }

        return type is null ? reply : reply.With("content-type", type);
    }

    private static bool IsGrpc(RequestHeaders headers)
        => headers.TryGetValue("content-type"u8, out var type) && type.StartsWith("application/grpc"u8) && (type.Length == 16 || type[16] is (byte)'+' or (byte)';');
}
