namespace Outrider.Proxy.Admin;

/// <summary>A cluster, as the admin API shows it; its counters are in <see cref="Telemetry.ProxyStats"/> under its name.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Hosts">Its hosts.</param>
internal sealed record AdminCluster(string Name, IReadOnlyList<AdminHost> Hosts)
{
    /// <summary>What its circuit breakers, its ejections and its health checks count, by name.</summary>
    public IReadOnlyList<(string Name, long Value)> Counters { get; init; } = [];

    /// <summary>The name that the statistics of its health checks stand under; null where there are no checks.</summary>
    public string? CheckedService { get; init; }

    /// <summary>How many subsets its hosts are divided into; 0 where they are not.</summary>
    public int Subsets { get; init; }

    /// <summary>The counter of that name; 0 where there is none.</summary>
    public long Counter(string name) => Counters.FirstOrDefault(counter => counter.Name == name).Value;
}
