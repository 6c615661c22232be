using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds <c>outlier_detection</c>.</summary>
internal static class OutlierBinder
{
    public static OutlierConfiguration? Bind(ObjectReader cluster)
    {
        if (cluster.Object("outlier_detection") is not { } outlier)
        {
            return null;
        }

        var defaults = new OutlierConfiguration();
        int Percent(string key, int fallback) => outlier.Integer(key, fallback, 0, 100);
        int Count(string key, int fallback) => outlier.Integer(key, fallback, 0, int.MaxValue);
        var baseTime = outlier.Duration("base_ejection_time", defaults.BaseEjectionTime, ZeroDuration.IsWrong);
        var longest = outlier.Duration("max_ejection_time", defaults.MaxEjectionTime, ZeroDuration.IsWrong);
        bool splits = outlier.Flag("split_external_local_origin_errors", false);
        foreach (string key in (string[])["consecutive_local_origin_failure", "enforcing_consecutive_local_origin_failure", "enforcing_local_origin_success_rate", "enforcing_failure_percentage_local_origin"])
        {
            if (!splits && outlier.Take(key) is not null)
            {
                outlier.Warning(key, "says nothing without split_external_local_origin_errors");
            }
        }

        var configuration = new OutlierConfiguration
        {
            Consecutive5xx = Count("consecutive_5xx", defaults.Consecutive5xx),
            Enforcing5xx = Percent("enforcing_consecutive_5xx", defaults.Enforcing5xx),
            ConsecutiveGatewayFailure = Count("consecutive_gateway_failure", defaults.ConsecutiveGatewayFailure),
            // Envoy's default is 0 whatever else is said, so that the number of failures alone does nothing there.
            EnforcingGatewayFailure = Percent("enforcing_consecutive_gateway_failure", outlier.Take("consecutive_gateway_failure") is null ? 0 : 100),
            SplitsLocalOrigin = splits,
            ConsecutiveLocalOriginFailure = Count("consecutive_local_origin_failure", defaults.ConsecutiveLocalOriginFailure),
            EnforcingLocalOriginFailure = Percent("enforcing_consecutive_local_origin_failure", defaults.EnforcingLocalOriginFailure),
            Interval = outlier.Duration("interval", defaults.Interval, ZeroDuration.IsWrong),
            BaseEjectionTime = baseTime,
            MaxEjectionTime = longest < baseTime ? baseTime : longest,
            MaxEjectionTimeJitter = outlier.Duration("max_ejection_time_jitter", defaults.MaxEjectionTimeJitter, ZeroDuration.MeansNone),
            MaxEjectionPercent = Percent("max_ejection_percent", defaults.MaxEjectionPercent),
            SuccessRateMinimumHosts = Count("success_rate_minimum_hosts", defaults.SuccessRateMinimumHosts),
            SuccessRateRequestVolume = Count("success_rate_request_volume", defaults.SuccessRateRequestVolume),
            SuccessRateStdevFactor = Count("success_rate_stdev_factor", defaults.SuccessRateStdevFactor),
            EnforcingSuccessRate = Percent("enforcing_success_rate", defaults.EnforcingSuccessRate),
            EnforcingLocalOriginSuccessRate = Percent("enforcing_local_origin_success_rate", defaults.EnforcingLocalOriginSuccessRate),
            FailurePercentageThreshold = Percent("failure_percentage_threshold", defaults.FailurePercentageThreshold),
            FailurePercentageMinimumHosts = Count("failure_percentage_minimum_hosts", defaults.FailurePercentageMinimumHosts),
            FailurePercentageRequestVolume = Count("failure_percentage_request_volume", defaults.FailurePercentageRequestVolume),
            EnforcingFailurePercentage = Percent("enforcing_failure_percentage", defaults.EnforcingFailurePercentage),
            EnforcingFailurePercentageLocalOrigin = Percent("enforcing_failure_percentage_local_origin", defaults.EnforcingFailurePercentageLocalOrigin),
            ChecksUneject = outlier.Flag("successful_active_health_check_uneject_host", defaults.ChecksUneject),
        };
        outlier.Finish();
        return configuration;
    }
}
