using Outrider.Filters;

namespace Outrider.Developing;

/// <summary>Makes the filters of a factory so that what they do is traced.</summary>
internal sealed class TracedFactory(IStreamFilterFactory inner, string name, StreamTraces traces) : IStreamFilterFactory, IKeepable, IStateOwner, IDisposable
{
    public ReceiverPhase Phase => inner.Phase;

    // All lives end with OnDestroy, but a stream must come by at its head, where it is named.
    public StreamFilterMethods Methods => inner.Methods | StreamFilterMethods.DecodeHeaders;

    public string StateName => SwapStates.NameOf(inner);

    public ISwapState? State => inner as ISwapState ?? (inner as IStateOwner)?.State;

    public StreamFilter CreateFilter() => new TracedFilter(inner.CreateFilter(), inner.Methods, name, traces);

    public bool CanBeKept(FilterConfiguration configuration) => (inner as IKeepable)?.CanBeKept(configuration) ?? true;

    public void Dispose() => (inner as IDisposable)?.Dispose();
}
