namespace Outrider.Filters;

/// <summary>
/// Registers an <see cref="IListenerFilter"/> under the name that <c>listener_filters</c> use (<c>"type": "demo"</c>). The class has one
/// public constructor, with one parameter (the typed configuration, or the <see cref="FilterConfiguration"/>) or none.
/// </summary>
/// <param name="name">The name; compared exactly.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ListenerFilterAttribute(string name) : Attribute
{
    /// <summary>The name that configurations use.</summary>
    public string Name { get; } = name;
}
