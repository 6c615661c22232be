using System.Diagnostics.CodeAnalysis;

namespace Outrider.Filters;

/// <summary>A factory that makes filters of one class with one configuration: what nearly every extension needs.</summary>
/// <typeparam name="TFilter">The class.</typeparam>
public sealed class StreamFilterFactory<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods)] TFilter> : IStreamFilterFactory, IDisposable
    where TFilter : StreamFilter
{
    private readonly Func<TFilter> _create;
    private readonly IDisposable? _configuration;

    /// <param name="create">Makes a filter; called for each stream, on any loop.</param>
    /// <param name="phase">Where the receiver side runs.</param>
    public StreamFilterFactory(Func<TFilter> create, ReceiverPhase phase = ReceiverPhase.BeforeRoute) : this(create, phase, null)
    {
    }

    /// <param name="create">Makes a filter; called for each stream, on any loop.</param>
    /// <param name="phase">Where the receiver side runs.</param>
    /// <param name="configuration">What the factory disposes when it is disposed, or null.</param>
    public StreamFilterFactory(Func<TFilter> create, ReceiverPhase phase, IDisposable? configuration)
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

    /// <inheritdoc/>
    public StreamFilter CreateFilter() => _create();

    /// <summary>The configuration that this factory came from is gone, and its last stream has ended: disposes the configuration object, where that is disposable.</summary>
    public void Dispose() => _configuration?.Dispose();
}
