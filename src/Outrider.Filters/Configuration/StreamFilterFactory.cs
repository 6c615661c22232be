using System.Diagnostics.CodeAnalysis;

namespace Outrider.Filters;

/// <summary>A factory that makes filters of one class with one configuration: what nearly every extension needs.</summary>
/// <typeparam name="TFilter">The class.</typeparam>
public sealed class StreamFilterFactory<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods)] TFilter> : IStreamFilterFactory, IKeepable, IStateOwner, IDisposable
    where TFilter : StreamFilter
{
    private readonly Func<TFilter> _create;
    private readonly object? _configuration;

    /// <param name="create">Makes a filter; called for each stream, on any loop.</param>
    /// <param name="phase">Where the receiver side runs.</param>
    public StreamFilterFactory(Func<TFilter> create, ReceiverPhase phase = ReceiverPhase.BeforeRoute) : this(create, phase, (object?)null)
    {
    }

    /// <param name="create">Makes a filter; called for each stream, on any loop.</param>
    /// <param name="phase">Where the receiver side runs.</param>
    /// <param name="configuration">What the factory disposes when it is disposed, or null.</param>
    public StreamFilterFactory(Func<TFilter> create, ReceiverPhase phase, IDisposable? configuration) : this(create, phase, (object?)configuration)
    {
    }

    internal StreamFilterFactory(Func<TFilter> create, ReceiverPhase phase, object? configuration)
    {
        ArgumentNullException.ThrowIfNull(create);
        _create = create;
        _configuration = configuration;
        Phase = phase;
        Methods = OverriddenMethods.Of(typeof(TFilter));
    }

    /// <inheritdoc/>
    public ReceiverPhase Phase { get; }

    /// <inheritdoc/>
    public StreamFilterMethods Methods { get; }

    string IStateOwner.StateName => "";

    ISwapState? IStateOwner.State => _configuration as ISwapState;

    /// <inheritdoc/>
    public StreamFilter CreateFilter() => _create();

    /// <summary>The configuration that this factory came from is gone, and its last stream has ended: disposes the configuration object, where that is disposable.</summary>
    public void Dispose() => (_configuration as IDisposable)?.Dispose();

    /// <summary>As its configuration object says, where that is <see cref="IKeepable"/>; else true.</summary>
    public bool CanBeKept(FilterConfiguration configuration) => (_configuration as IKeepable)?.CanBeKept(configuration) ?? true;
}
