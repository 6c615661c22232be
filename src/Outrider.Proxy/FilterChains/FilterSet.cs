using Outrider.Filters;

namespace Outrider.Proxy.FilterChains;

/// <summary>The factories of one listener's filters, in order, and what they need together. Immutable but for the count of its users, shared by all loops.</summary>
internal sealed class FilterSet
{
    // Whoever made it, and each loop that begins streams with it or has some that have not ended.
    private int _users = 1;

    private readonly Action<string, Exception>? _disposeFailed;

    // Whose factories these are, where only the routes' configurations are this one's.
    private readonly FilterSet? _owner;

    /// <param name="factories">The factories, in order.</param>
    /// <param name="names">The name of each.</param>
    /// <param name="disposeFailed">Told the filter's name and what its configuration threw when it was disposed; on any thread.</param>
    internal FilterSet(IReadOnlyList<IStreamFilterFactory> factories, IReadOnlyList<string> names, Action<string, Exception>? disposeFailed = null)
    {
        _disposeFailed = disposeFailed;
        Factories = [.. factories];
        Names = [.. names];
        foreach (var factory in factories)
        {
            Methods |= factory.Methods;
        }

        HasObservers = Factories.Any(factory => factory is IObservingFilterFactory);
        SenderOrder = [.. Enumerable.Range(0, Factories.Length)];
        ReceiverOrder = [.. SenderOrder.OrderBy(i => Factories[i].Phase)];
    }

    private FilterSet(FilterSet owner, RouteConfigurations routes)
    {
        owner.Retain();
        _owner = owner;
        _disposeFailed = owner._disposeFailed;
        Factories = owner.Factories;
        Names = owner.Names;
        Methods = owner.Methods;
        HasObservers = owner.HasObservers;
        SenderOrder = owner.SenderOrder;
        ReceiverOrder = owner.ReceiverOrder;
        Routes = routes;
    }

    internal IStreamFilterFactory[] Factories { get; }

    /// <summary>The name that the configuration uses for each.</summary>
    internal string[] Names { get; }

    /// <summary>What routes configure of their own for them.</summary>
    internal RouteConfigurations Routes { get; init; } = RouteConfigurations.None;

    /// <summary>Everything that any of them overrides.</summary>
    internal StreamFilterMethods Methods { get; }

    /// <summary>Is any of the filters an <see cref="IStreamObserver"/>?</summary>
    internal bool HasObservers { get; }

    /// <summary>In which order a request meets them: by phase, and within a phase as configured. Headers and bodies alike, so that a filter sees what those before it made of both.</summary>
    internal int[] ReceiverOrder { get; }

    /// <summary>In which order a response meets them: as configured.</summary>
    internal int[] SenderOrder { get; }

    internal int Count => Factories.Length;

    /// <summary>The filters that override any of these methods: who can have done something that shows only later.</summary>
    internal string NamesWith(StreamFilterMethods methods) => string.Join(", ", Names.Where((_, i) => (Factories[i].Methods & methods) != 0));

    /// <summary>The same filters, with what other routes configure for them. The caller is its first user.</summary>
    internal FilterSet WithRoutes(RouteConfigurations routes) => new(_owner ?? this, routes);

    /// <summary>One user more. Any thread.</summary>
    internal void Retain() => Interlocked.Increment(ref _users);

    /// <summary>One user less. With the last one factories and configurations of routes that are <see cref="IDisposable"/> are disposed. Any thread.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _users) > 0)
        {
            return;
        }

        foreach (var (filter, value) in Routes.Values)
        {
            Dispose(filter, value);
        }

        if (_owner is not null)
        {
            _owner.Release();
            return;
        }

        for (int i = 0; i < Factories.Length; i++)
        {
            Dispose(Names[i], Factories[i]);
        }
    }

    internal bool Any(StreamFilterMethods methods) => (Methods & methods) != 0;

    // What it disposes is a filter's author's: one that fails must neither keep the others nor harm whoever lets go last.
    private void Dispose(string filter, object value)
    {
        try
        {
            (value as IDisposable)?.Dispose();
        }
        catch (Exception e) when (_disposeFailed is not null)
        {
            _disposeFailed(filter, e);
        }
    }
}
