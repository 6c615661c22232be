using System.Diagnostics.CodeAnalysis;

namespace Outrider.Filters;

/// <summary>A factory that makes filters of one class with one configuration: what nearly every extension needs.</summary>
/// <typeparam name="TFilter">The class.</typeparam>
public sealed class StreamFilterFactory<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods)] TFilter> : IStreamFilterFactory
    where TFilter : StreamFilter
{
    private readonly Func<TFilter> _create;

    /// <param name="create">Makes a filter; called for each stream, on any loop.</param>
    /// <param name="phase">Where the receiver side runs.</param>
    public StreamFilterFactory(Func<TFilter> create, ReceiverPhase phase = ReceiverPhase.BeforeRoute)
    {
        ArgumentNullException.ThrowIfNull(create);
        _create = create;
        Phase = phase;
        Methods = OverriddenMethods.Of(typeof(TFilter));
    }

    /// <inheritdoc/>
    public ReceiverPhase Phase { get; }

    /// <inheritdoc/>
    public StreamFilterMethods Methods { get; }

    /// <inheritdoc/>
    public StreamFilter CreateFilter() => _create();
}
