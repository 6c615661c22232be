using System.Collections.Concurrent;

namespace Outrider.Filters;

/// <summary>Makes a health checker from its configuration (<c>check_config</c>). Called for each cluster that names it, when a configuration loads.</summary>
/// <exception cref="FilterConfigurationException">The configuration is wrong.</exception>
public delegate IHealthChecker HealthCheckerCreator(FilterConfiguration configuration);

/// <summary>The health checkers that clusters can name by <c>health_check.protocol</c>, beside those that come with the proxy, and who can hear of checks. Any thread.</summary>
public sealed class HealthCheckRegistry
{
    private readonly ConcurrentDictionary<string, HealthCheckerCreator> _checkers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Func<IHealthCheckCallback>> _callbacks = new(StringComparer.Ordinal);

    /// <summary>Every checker's name, sorted.</summary>
    public IReadOnlyList<string> CheckerNames => [.. _checkers.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Every call-back's name, sorted.</summary>
    public IReadOnlyList<string> CallbackNames => [.. _callbacks.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Registers a checker.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void AddChecker(string name, HealthCheckerCreator creator) => Add(_checkers, "health checker", name, creator);

    /// <summary>Registers who can hear of checks.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void AddCallback(string name, Func<IHealthCheckCallback> creator) => Add(_callbacks, "health check call-back", name, creator);

    /// <summary>Configurations that load from now on cannot name that checker; what was made for others stays theirs.</summary>
    public void RemoveChecker(string name) => _ = _checkers.TryRemove(name, out _);

    /// <summary>Configurations that load from now on cannot name that call-back; what was made for others stays theirs.</summary>
    public void RemoveCallback(string name) => _ = _callbacks.TryRemove(name, out _);

    /// <summary>The creator of that checker, or null.</summary>
    public HealthCheckerCreator? FindChecker(string name) => _checkers.GetValueOrDefault(name);

    /// <summary>The creator of that call-back, or null.</summary>
    public Func<IHealthCheckCallback>? FindCallback(string name) => _callbacks.GetValueOrDefault(name);

    private static void Add<T>(ConcurrentDictionary<string, T> creators, string what, string name, T creator)
        where T : Delegate
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(creator);
        if (!creators.TryAdd(name, creator))
        {
            throw new ArgumentException($"a {what} named '{name}' is registered already", nameof(name));
        }
    }
}
