using System.Globalization;
using System.Text;
using Outrider.StockFilters.Mutation;
using Outrider.StockFilters.RateLimits.Wire;

namespace Outrider.StockFilters.RateLimits;

/// <summary>What a service says of its limits, as headers: draft-polli-ratelimit-headers-03, as Envoy writes them.</summary>
internal static class QuotaHeaders
{
    /// <summary><c>x-ratelimit-limit</c>, <c>-remaining</c> and <c>-reset</c> of the limit of which the least is left; none without a limit.</summary>
    internal static IEnumerable<HeaderChange> Of(IEnumerable<RateLimitResponse.Types.DescriptorStatus> statuses)
    {
        RateLimitResponse.Types.DescriptorStatus? least = null;
        var policies = new StringBuilder();
        foreach (var status in statuses)
        {
            if (status.CurrentLimit is not { } limit)
            {
                continue;
            }

            least = least is null || status.LimitRemaining < least.LimitRemaining ? status : least;
            if (SecondsOf(limit.Unit) is > 0 and var seconds)
            {
                _ = policies.Append(CultureInfo.InvariantCulture, $", {limit.RequestsPerUnit};w={seconds}");
                _ = limit.Name.Length > 0 ? policies.Append(CultureInfo.InvariantCulture, $";name=\"{limit.Name}\"") : policies;
            }
        }

        return least is null ? [] :
        [
            Header("x-ratelimit-limit", $"{least.CurrentLimit.RequestsPerUnit}{policies}"),
            Header("x-ratelimit-remaining", $"{least.LimitRemaining}"),
            Header("x-ratelimit-reset", $"{least.DurationUntilReset?.Seconds ?? 0}"),
        ];
    }

    // A name is the service's, and may have anything in it.
    private static HeaderChange Header(string name, FormattableString value)
    {
        var header = new HeaderChange(name, Encoding.UTF8.GetBytes(value.ToString(CultureInfo.InvariantCulture)), AppendAction.AppendIfExistsOrAdd);
        return header.IsValid ? header : throw new Outrider.Filters.CalloutException("the rate limit service's name of a limit cannot be in a header");
    }

    // The units by their numbers: second, minute, hour, day, month, year, week.
    private static int SecondsOf(int unit) => unit switch
    {
        1 => 1,
        2 => 60,
        3 => 3600,
        4 => 24 * 3600,
        5 => 30 * 24 * 3600,
        6 => 365 * 24 * 3600,
        7 => 7 * 24 * 3600,
        _ => 0,
    };
}
