using System.Globalization;
using System.Text;
using System.Text.Json;
using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds <c>circuit_breakers</c>: an array, of which MOSN uses the first entry.</summary>
internal static class CircuitBreakersBinder
{
    public static CircuitBreakersConfiguration Bind(ObjectReader cluster)
    {
        CircuitBreakersConfiguration? first = null;
        foreach (var thresholds in cluster.Objects("circuit_breakers"))
        {
            var bound = One(thresholds);
            if (first is null)
            {
                first = bound;
            }
            else
            {
                thresholds.Problems.Warning(thresholds.Node.Problem("only the first entry counts, as in MOSN: there are no priorities"));
            }
        }

        return first ?? new CircuitBreakersConfiguration();
    }

    private static CircuitBreakersConfiguration One(ObjectReader thresholds)
    {
        int Limit(string key) => thresholds.Integer(key, 0, 0, int.MaxValue);
        var defaults = new CircuitBreakersConfiguration();
        var budget = thresholds.Object("retry_budget");
        var configuration = new CircuitBreakersConfiguration
        {
            MaxConnections = Limit("max_connections"),
            MaxPendingRequests = Limit("max_pending_requests"),
            MaxRequests = Limit("max_requests"),
            MaxRetries = Limit("max_retries"),
            HasBudget = budget is not null,
            RetryBudgetPercent = budget is null ? defaults.RetryBudgetPercent : Percent(budget, defaults.RetryBudgetPercent),
            MinRetryConcurrency = budget?.Integer("min_retry_concurrency", defaults.MinRetryConcurrency, 0, int.MaxValue) ?? defaults.MinRetryConcurrency,
        };
        budget?.Finish();
        thresholds.Finish();
        return configuration;
    }

    // A number, or Envoy's {"value": 25.0}.
    private static double Percent(ObjectReader budget, double fallback)
    {
        const string key = "budget_percent";
        if (budget.Take(key) is not { } node)
        {
            return fallback;
        }

        if (node.Kind == JsonValueKind.Object && node.Find("value") is { } value)
        {
            node = value;
        }

        if (node.Kind == JsonValueKind.Number
            && double.TryParse(Encoding.UTF8.GetString(node.Json.Span), NumberStyles.Float, CultureInfo.InvariantCulture, out double percent) && percent is >= 0 and <= 100)
        {
            return percent;
        }

        ObjectReader.Wrong(node, budget.Problems, "a number from 0 to 100");
        return fallback;
    }
}
