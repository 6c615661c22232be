namespace Outrider.Filters;

/// <summary>A number that goes up and down; made by <see cref="FilterMetrics"/>. Any thread, as long as the filter's configuration is in use.</summary>
public abstract class FilterGauge
{
    /// <summary>Sets the value.</summary>
    /// <param name="value">Not negative.</param>
    /// <param name="labels">As many values as the gauge has labels, in their order.</param>
    /// <exception cref="ArgumentException">Too few labels, or too many.</exception>
    public abstract void Set(long value, params ReadOnlySpan<string> labels);

    /// <summary>Adds to the value, or takes from it.</summary>
    /// <param name="difference">How much; negative to take.</param>
    /// <param name="labels">As many values as the gauge has labels, in their order.</param>
    /// <exception cref="ArgumentException">Too few labels, or too many.</exception>
    public abstract void Add(long difference, params ReadOnlySpan<string> labels);
}
