namespace Outrider.Filters;

/// <summary>
/// A factory of a filter that acts in several phases. A base that has phases makes its parts in its place, in their order; on any other base the
/// factory itself makes a filter that does all that can be done there.
/// </summary>
public interface IStreamFilterGroup : IStreamFilterFactory
{
    /// <summary>The factories of its parts.</summary>
    IReadOnlyList<IStreamFilterFactory> Parts { get; }
}
