using System.Text.Json;
using Outrider.Configuration.Json;
using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds a route's <c>retry_policy</c>.</summary>
internal static class RetryPolicyBinder
{
    private static readonly Dictionary<string, RetryConditions> s_words = new(StringComparer.Ordinal)
    {
        ["5xx"] = RetryConditions.Reset | RetryConditions.ConnectFailure | RetryConditions.ServerErrors,
        ["gateway-error"] = RetryConditions.Reset | RetryConditions.ConnectFailure | RetryConditions.GatewayErrors,
        ["reset"] = RetryConditions.Reset | RetryConditions.ConnectFailure,
        ["connect-failure"] = RetryConditions.ConnectFailure,
        ["retriable-4xx"] = RetryConditions.Retriable4xx,
        // What was not sent, or was refused before anything was done, is tried again in any case; statuses stand in their list.
        ["reset-before-request"] = RetryConditions.None,
        ["refused-stream"] = RetryConditions.None,
        ["retriable-status-codes"] = RetryConditions.None,
        ["retriable-headers"] = RetryConditions.RetriableHeaders,
        ["envoy-ratelimited"] = RetryConditions.RateLimited,
        // Nobody is spoken to in HTTP/3.
        ["http3-post-connect-failure"] = RetryConditions.None,
    };

    public static RetryPolicyConfiguration Bind(ObjectReader retry)
    {
        var defaults = new RetryPolicyConfiguration();
        List<int> codes = [];
        foreach (ConfigurationNode node in retry.Array("status_codes").Concat(retry.Array("retriable_status_codes")))
        {
            if (retry.TryInteger(node, 100, 599, out long code))
            {
                codes.Add((int)code);
            }
        }

        var (retries, conditions, statuses) = RetryOn(retry);
        var backOff = retry.Object("retry_back_off");
        var pause = backOff?.Duration("base_interval", defaults.BaseBackOff, ZeroDuration.MeansNone) ?? defaults.BaseBackOff;
        var configuration = new RetryPolicyConfiguration
        {
            RetryOn = retries,
            Conditions = conditions,
            GrpcStatuses = statuses,
            RetryTimeout = retry.Duration("retry_timeout", TimeSpan.Zero, ZeroDuration.MeansNone),
            NumRetries = retry.Integer("num_retries", 0, 0, 100),
            StatusCodes = codes,
            Headers = [.. retry.Objects("retriable_headers").Select(ResponseHeaderMatchBinder.Bind).OfType<ResponseHeaderMatch>()],
            NonIdempotent = retry.Flag("retry_non_idempotent", false),
            BaseBackOff = pause,
            MaxBackOff = backOff?.Duration("max_interval", pause * 10, ZeroDuration.MeansDefault) ?? defaults.MaxBackOff,
            MaxKeptBody = retry.Integer("per_request_buffer_limit_bytes", defaults.MaxKeptBody, 0, 16 * 1024 * 1024),
        };
        backOff?.Finish();

        // Another host is taken in any case while there is one.
        foreach (var predicate in retry.Objects("retry_host_predicate"))
        {
            if (predicate.RequiredText("name") is { } name && !name.EndsWith("previous_hosts", StringComparison.Ordinal))
            {
                ObjectReader.Wrong(predicate.Take("name")!, predicate.Problems, "\"envoy.retry_host_predicates.previous_hosts\"");
            }

            predicate.Ignore("typed_config");
            predicate.Finish();
        }

        retry.Ignore("host_selection_retry_max_attempts");
        retry.Finish();
        return configuration;
    }

    // MOSN's true or false, or Envoy's words.
    private static (bool Retries, RetryConditions Conditions, GrpcStatusSet Statuses) RetryOn(ObjectReader retry)
    {
        const string key = "retry_on";
        if (retry.Take(key) is not { Kind: JsonValueKind.String } node)
        {
            return (retry.Flag(key, false), new RetryPolicyConfiguration().Conditions, default);
        }

        var conditions = RetryConditions.OfWords;
        GrpcStatusSet statuses = default;
        string[] words = node.Text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (string word in words)
        {
            if (s_words.TryGetValue(word, out var condition))
            {
                conditions |= condition;
            }
            else if (GrpcStatusSet.Words.TryGetValue(word, out var more))
            {
                statuses = statuses.With(more);
            }
            else
            {
                ObjectReader.Wrong(node, retry.Problems, $"true, false, or some of {string.Join(", ", s_words.Keys)}, {string.Join(", ", GrpcStatusSet.Words.Keys)} with commas between them");
                break;
            }
        }

        return (words.Length > 0, conditions, statuses);
    }
}
