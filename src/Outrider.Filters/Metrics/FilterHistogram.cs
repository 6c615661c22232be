namespace Outrider.Filters;

/// <summary>How values are distributed; made by <see cref="FilterMetrics"/>. Any thread, as long as the filter's configuration is in use.</summary>
public abstract class FilterHistogram
{
    /// <summary>Records a value.</summary>
    /// <param name="value">Not negative.</param>
    /// <param name="labels">As many values as the histogram has labels, in their order.</param>
    /// <exception cref="ArgumentException">Too few labels, or too many.</exception>
    public abstract void Record(long value, params ReadOnlySpan<string> labels);
}
