namespace Outrider.Filters;

/// <summary>A number that only grows; made by <see cref="FilterMetrics"/>. Any thread, as long as the filter's configuration is in use.</summary>
public abstract class FilterCounter
{
    /// <summary>Counts one.</summary>
    public void Increment() => Add(1);

    /// <summary>Counts.</summary>
    /// <param name="count">How much; not negative.</param>
    /// <param name="labels">As many values as the counter has labels, in their order.</param>
    /// <exception cref="ArgumentException">Too few labels, or too many.</exception>
    public abstract void Add(long count, params ReadOnlySpan<string> labels);
}
