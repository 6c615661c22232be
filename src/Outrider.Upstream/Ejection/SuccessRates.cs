namespace Outrider.Upstream.Ejection;

/// <summary>Which hosts do worse than the others: those whose success rate is below the mean by so many standard deviations (Envoy's rule).</summary>
internal static class SuccessRates
{
    /// <summary>Those hosts, and the rate that they should have had, in per cent.</summary>
    /// <param name="rates">Hosts with enough requests.</param>
    /// <param name="minimumHosts">How many of them it takes.</param>
    /// <param name="factor">Thousandths of a standard deviation.</param>
    public static IEnumerable<(HostRate Host, double Threshold)> Outliers(IReadOnlyList<HostRate> rates, int minimumHosts, int factor)
    {
        if (rates.Count == 0 || rates.Count < minimumHosts)
        {
            return [];
        }

        double mean = rates.Average(rate => rate.SuccessPercent);
        double deviation = Math.Sqrt(rates.Average(rate => Math.Pow(rate.SuccessPercent - mean, 2)));
        double threshold = mean - (deviation * factor / 1000);
        return rates.Where(rate => rate.SuccessPercent < threshold).Select(rate => (rate, threshold)).ToList();
    }
}
