namespace Outrider.Filters;

/// <summary>Takes what a source of configurations has to say. Any thread; updates of all sources are made one after the other.</summary>
public interface IConfigurationUpdates
{
    /// <summary>
    /// Puts resources in force, in the order clusters, hosts, routers, listeners, and removes in the reverse order, whatever the order here. Each is
    /// accepted or refused by itself, and refused where it needs one that was refused. What is accepted comes into force together: on each
    /// loop whole, between two batches of events. Connections, and all that is not named here, stay as they are.
    /// </summary>
    /// <param name="resources">The resources.</param>
    /// <returns>A result for each, in their order, when all loops that are not stuck have it.</returns>
    Task<IReadOnlyList<ConfigurationResourceResult>> ApplyAsync(IReadOnlyList<ConfigurationResource> resources);

    /// <summary>Writes a line to the proxy's log.</summary>
    void Log(StreamLogLevel level, string message);
}
