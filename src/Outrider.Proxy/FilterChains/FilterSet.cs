using Outrider.Filters;
using Outrider.Proxy.Entries;

namespace Outrider.Proxy.FilterChains;

/// <summary>The factories of one listener's filters, in order, and what they need together. Immutable but for the count of its users, shared by all loops.</summary>
internal sealed class FilterSet
{
    // Whoever made it, and each loop that begins streams with it or has some that have not ended.
    private int _users = 1;

    private readonly Action<string, Exception>? _disposeFailed;

    // Whose factories these are, where only the routes' configurations are this one's.
    private readonly FilterSet? _owner;

    /// <param name="entries">The entries of the chain in their order, each with this as one of its users. Made of each is a factory, or a group of some.</param>
    /// <param name="disposeFailed">Told the filter's name and what its configuration threw when it was disposed; on any thread.</param>
    internal FilterSet(IReadOnlyList<MadeEntry> entries, Action<string, Exception>? disposeFailed = null)
    {
        _disposeFailed = disposeFailed;
        Entries = entries;
        Factories = [.. entries.SelectMany(static entry => PartsOf(entry.Made))];
        Names = [.. entries.SelectMany(static entry => PartsOf(entry.Made).Select(_ => entry.Name))];
        foreach (var factory in Factories)
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
        Entries = owner.Entries;
        Factories = owner.Factories;
        Names = owner.Names;
        Methods = owner.Methods;
        HasObservers = owner.HasObservers;
        SenderOrder = owner.SenderOrder;
        ReceiverOrder = owner.ReceiverOrder;
        Routes = routes;
    }

    /// <summary>What the factories come from, in the order of the chain.</summary>
    internal IReadOnlyList<MadeEntry> Entries { get; }

    internal IStreamFilterFactory[] Factories { get; }

    /// <summary>The name that the configuration uses for each.</summary>
    internal string[] Names { get; }

    /// <summary>What routes configure of their own for them.</summary>
    internal RouteConfigurations Routes { get; } = RouteConfigurations.None;

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

    /// <summary>One user less. With the last one it lets go of its entries and of what routes configure. Any thread.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _users) > 0)
        {
            return;
        }

        foreach (var entry in Routes.Values)
        {
            entry.Release(_disposeFailed);
        }

        if (_owner is not null)
        {
            _owner.Release();
            return;
        }

        foreach (var entry in Entries)
        {
            entry.Release(_disposeFailed);
        }
    }

    /// <summary>The factories that something is which an extension made of an entry.</summary>
    internal static IReadOnlyList<IStreamFilterFactory> PartsOf(object made) => made is IStreamFilterGroup group ? group.Parts : [(IStreamFilterFactory)made];

    internal bool Any(StreamFilterMethods methods) => (Methods & methods) != 0;
}
