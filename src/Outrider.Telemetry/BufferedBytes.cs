namespace Outrider.Telemetry;

/// <summary>
/// Bytes that wait on open connections at one moment: read and not yet looked at, and not yet written; by the listener's name and by the cluster's. One thread at a time.
/// </summary>
internal sealed class BufferedBytes
{
    /// <summary>Of clients' connections.</summary>
    public Dictionary<string, (long Read, long Written)> Listeners { get; } = new(StringComparer.Ordinal);

    /// <summary>Of connections to hosts.</summary>
    public Dictionary<string, (long Read, long Written)> Clusters { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds those of a connection.</summary>
    public static void Add(Dictionary<string, (long Read, long Written)> to, string name, long read, long written)
    {
        var (before, beforeWritten) = to.GetValueOrDefault(name);
        to[name] = (before + read, beforeWritten + written);
    }

    /// <summary>Adds what another loop has.</summary>
    public void Add(BufferedBytes other)
    {
        foreach (var (name, (read, written)) in other.Listeners)
        {
            Add(Listeners, name, read, written);
        }

        foreach (var (name, (read, written)) in other.Clusters)
        {
            Add(Clusters, name, read, written);
        }
    }
}
