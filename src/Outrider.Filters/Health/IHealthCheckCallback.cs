namespace Outrider.Filters;

/// <summary>Hears of every health check of a cluster's hosts. On threads that are no loops', of different hosts at the same time.</summary>
public interface IHealthCheckCallback
{
    /// <summary>A host was checked. What is thrown goes to the error log.</summary>
    /// <param name="check">What came of it.</param>
    void OnChecked(HealthCheckEvent check);
}
