namespace Outrider.Filters;

/// <summary>
/// Brings parts of the configuration from elsewhere than the file: a control plane, a registry, a directory. An extension point: with
/// <see cref="ConfigurationSourceAttribute"/> a configuration names it in <c>configuration_sources</c>. What it says of a resource holds until
/// another source says something of the same, or the file says something else of it than when this was said.
/// </summary>
public interface IConfigurationSource
{
    /// <summary>
    /// Runs from the moment when the proxy serves until it stops, or until a reload no longer names it as it is. On a thread of the pool.
    /// What it throws is logged, and it runs again after a while.
    /// </summary>
    /// <param name="updates">Where what it has to say goes.</param>
    /// <param name="stop">Cancelled when it is to end.</param>
    Task RunAsync(IConfigurationUpdates updates, CancellationToken stop);
}
