using System.Collections.Concurrent;

namespace Outrider.Filters;

/// <summary>Makes a load balancer from its configuration (<c>lbconfig</c>). Called for each cluster that names it, when a configuration loads.</summary>
/// <exception cref="FilterConfigurationException">The configuration is wrong.</exception>
public delegate ILoadBalancer LoadBalancerCreator(FilterConfiguration configuration);

/// <summary>The load balancers that clusters can name by <c>lb_type</c>, beside those that come with the proxy. Any thread.</summary>
public sealed class LoadBalancerRegistry
{
    private readonly ConcurrentDictionary<string, LoadBalancerCreator> _creators = new(StringComparer.Ordinal);

    /// <summary>Every name, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _creators.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Registers a load balancer.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name, LoadBalancerCreator creator)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(creator);
        if (!_creators.TryAdd(name, creator))
        {
            throw new ArgumentException($"a load balancer named '{name}' is registered already", nameof(name));
        }
    }

    /// <summary>Configurations that load from now on cannot name it; what was made for others stays theirs.</summary>
    public void Remove(string name) => _ = _creators.TryRemove(name, out _);

    /// <summary>The creator of that name, or null.</summary>
    public LoadBalancerCreator? Find(string name) => _creators.GetValueOrDefault(name);
}
