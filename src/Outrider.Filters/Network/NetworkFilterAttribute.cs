namespace Outrider.Filters;

/// <summary>
/// Registers a <see cref="NetworkFilter"/> under the name that <c>filter_chains[].filters</c> use (<c>"type": "demo"</c>). The class has one public constructor,
/// with one parameter (the typed configuration, which is read once, or the <see cref="FilterConfiguration"/>) or none; one object is made for each connection.
/// </summary>
/// <param name="name">The name; compared exactly.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class NetworkFilterAttribute(string name) : Attribute
{
    /// <summary>The name that configurations use.</summary>
    public string Name { get; } = name;
}
