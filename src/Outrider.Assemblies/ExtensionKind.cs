using System.Reflection;
using Outrider.Filters;

namespace Outrider.Assemblies;

/// <summary>A kind of extension that assemblies may bring: public classes with an attribute, which register themselves under its name.</summary>
public abstract class ExtensionKind
{
    private protected ExtensionKind()
    {
    }

    /// <summary>Listener filters, which go to that registry.</summary>
    public static ExtensionKind ListenerFilters(ListenerFilterRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        return Of<ListenerFilterAttribute, IListenerFilter>("listener filter", attribute => attribute.Name, name => registry.Find(name) is not null, (name, create) => registry.Add(name, create.Invoke), registry.Remove);
    }

    /// <summary>Load balancers, which go to that registry.</summary>
    public static ExtensionKind LoadBalancers(LoadBalancerRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        return Of<LoadBalancerAttribute, ILoadBalancer>("load balancer", attribute => attribute.Name, name => registry.Find(name) is not null, (name, create) => registry.Add(name, create.Invoke), registry.Remove);
    }

    /// <summary>Health checkers, which go to that registry.</summary>
    public static ExtensionKind HealthCheckers(HealthCheckRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        return Of<HealthCheckerAttribute, IHealthChecker>("health checker", attribute => attribute.Name, name => registry.FindChecker(name) is not null, (name, create) => registry.AddChecker(name, create.Invoke), registry.RemoveChecker);
    }

    /// <summary>Call-backs of health checks, which go to that registry.</summary>
    public static ExtensionKind HealthCheckCallbacks(HealthCheckRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        return new AttributedKind<HealthCheckAttribute, IHealthCheckCallback>(
            "health check call-back",
            attribute => attribute.Name,
            name => registry.FindCallback(name) is not null,
            (name, read) =>
            {
                Func<IHealthCheckCallback> create = () => read(new FilterConfiguration(name, default, "/"))();
                return () => registry.AddCallback(name, create);
            },
            registry.RemoveCallback);
    }

    /// <summary>Sources of configurations, which go to that registry.</summary>
    public static ExtensionKind ConfigurationSources(ConfigurationSourceRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        return Of<ConfigurationSourceAttribute, IConfigurationSource>("configuration source", attribute => attribute.Name, name => registry.Find(name) is not null, (name, create) => registry.Add(name, create.Invoke), registry.Remove);
    }

    /// <summary>Route handlers, which go to that registry.</summary>
    public static ExtensionKind RouteHandlers(RouteHandlerRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        return new AttributedKind<RouteHandlerAttribute, IRouteHandler>(
            "route handler",
            attribute => attribute.Name,
            name => registry.Find(name) is not null,
            (name, read) =>
            {
                IRouteHandler? made = null;
                return () => registry.Add(name, made ??= read(new FilterConfiguration(name, default, "/"))());
            },
            registry.Remove);
    }

    /// <summary>Readers of entries of <c>extends</c>, which go to that registry.</summary>
    public static ExtensionKind Configurations(ConfigurationExtensionRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        return Of<ConfigurationExtensionAttribute, IConfigurationExtension>("configuration extension", attribute => attribute.Name, name => registry.Find(name) is not null, (name, create) => registry.Add(name, create.Invoke), registry.Remove);
    }

    /// <summary>Network filters, which go to that registry.</summary>
    public static ExtensionKind NetworkFilters(NetworkFilterRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        return OfMany<NetworkFilterAttribute, NetworkFilter>("network filter", attribute => attribute.Name, name => registry.Find(name) is not null, (name, read) => registry.Add(name, read.Invoke), registry.Remove);
    }

    /// <summary>Classes with <typeparamref name="TAttribute"/> that implement <typeparamref name="TExtension"/>, made from their configuration.</summary>
    /// <typeparam name="TAttribute">What registers.</typeparam>
    /// <typeparam name="TExtension">What such a class is.</typeparam>
    /// <param name="what">What such a class is called in messages.</param>
    /// <param name="nameOf">The name that it registers under.</param>
    /// <param name="isTaken">Whether something is registered under a name already.</param>
    /// <param name="register">Registers what makes one.</param>
    /// <param name="withdraw">Takes a name out again; null where what was registered stays for good, and with it the assembly.</param>
    public static ExtensionKind Of<TAttribute, TExtension>(string what, Func<TAttribute, string> nameOf, Func<string, bool> isTaken, Action<string, Func<FilterConfiguration, TExtension>> register, Action<string>? withdraw = null)
        where TAttribute : Attribute
        where TExtension : class
        => new AttributedKind<TAttribute, TExtension>(
            what,
            nameOf,
            isTaken,
            (name, read) =>
            {
                Func<FilterConfiguration, TExtension> create = configuration => read(configuration)();
                return () => register(name, create);
            },
            withdraw);

    /// <summary>As <see cref="Of"/>, where one configuration makes many: what is registered reads a configuration once, and returns what makes one after the other.</summary>
    public static ExtensionKind OfMany<TAttribute, TExtension>(string what, Func<TAttribute, string> nameOf, Func<string, bool> isTaken, Action<string, Func<FilterConfiguration, Func<TExtension>>> register, Action<string>? withdraw = null)
        where TAttribute : Attribute
        where TExtension : class
        => new AttributedKind<TAttribute, TExtension>(what, nameOf, isTaken, (name, read) => () => register(name, read), withdraw);

    /// <summary>The assemblies that such extensions are written against, which they share with the proxy.</summary>
    internal abstract IEnumerable<Assembly> Contracts { get; }

    /// <summary>Those of an assembly.</summary>
    /// <exception cref="InvalidOperationException">One is not as its attribute wants it, or its name is taken.</exception>
    internal abstract IReadOnlyList<FoundExtension> Find(Assembly assembly);
}
