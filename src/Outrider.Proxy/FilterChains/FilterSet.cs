using Outrider.Filters;

namespace Outrider.Proxy.FilterChains;

/// <summary>The factories of one listener's filters, in order, and what they need together. Immutable but for the count of its users, shared by all loops.</summary>
internal sealed class FilterSet
{
    // Whoever made it, and each loop that begins streams with it or has some that have not ended.
    private int _users = 1;

    internal FilterSet(IReadOnlyList<IStreamFilterFactory> factories, IReadOnlyList<string> names)
    {
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

    internal IStreamFilterFactory[] Factories { get; }

    /// <summary>The name that the configuration uses for each.</summary>
    internal string[] Names { get; }

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

    /// <summary>One user more. Any thread.</summary>
    internal void Retain() => Interlocked.Increment(ref _users);

    /// <summary>One user less. With the last one factories that are <see cref="IDisposable"/> are disposed. Any thread.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _users) > 0)
        {
            return;
        }

        foreach (var factory in Factories)
        {
            (factory as IDisposable)?.Dispose();
        }
    }

    internal bool Any(StreamFilterMethods methods) => (Methods & methods) != 0;
}
