using Google.Protobuf;
using Outrider.Filters;
using Outrider.StockFilters.Messages;
using Outrider.StockFilters.RateLimits.Wire;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Asks in gRPC: <c>envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit</c>.</summary>
internal sealed class RateLimitService
{
    private const string Method = "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit";

    // Envoy's, for filters that do not say.
    private static readonly TimeSpan s_timeout = TimeSpan.FromMilliseconds(20);

    private readonly GrpcServiceSettings _service;
    private readonly bool _tellsQuota;

    /// <exception cref="FilterConfigurationException">Something is wrong with it.</exception>
    internal RateLimitService(RateLimitSettings settings)
    {
        var service = settings.RateLimitService!.GrpcService!;
        service.Validate("$.rateLimitService.grpcService");
        service.Timeout = settings.Timeout > TimeSpan.Zero ? settings.Timeout : service.Timeout;
        _service = service;
        _tellsQuota = settings.EnableXRatelimitHeaders != "OFF";
    }

    /// <summary>Asks.</summary>
    /// <param name="stream">The request's stream, whose end breaks it off.</param>
    /// <param name="question">What is asked.</param>
    /// <exception cref="CalloutException">There was no answer, or none that can be followed.</exception>
    internal async Task<RateLimitAnswer> AskAsync(StreamContext stream, RateLimitRequest question)
    {
        var answer = await _service.Call(Method, question.ToByteArray(), s_timeout).SendAsync(stream, stream.Aborted);
        if (!answer.IsSuccess)
        {
            throw new CalloutException($"cluster '{_service.EnvoyGrpc!.ClusterName}': the rate limit service answers with the gRPC status {answer.Status} {answer.StatusText}");
        }

        try
        {
            return new RateLimitAnswer(RateLimitResponse.Parser.ParseFrom(answer.Message.Span), _tellsQuota);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new CalloutException($"cluster '{_service.EnvoyGrpc!.ClusterName}': what the rate limit service answers cannot be read: {e.Message}", e);
        }
    }
}
