namespace Outrider.Filters;

/// <summary>
/// Registers an <see cref="IConfigurationExtension"/> for entries of <c>extends</c> with that <c>type</c>. The class has one public constructor, with
/// one parameter (the typed configuration, or the <see cref="FilterConfiguration"/>) or none.
/// </summary>
/// <param name="name">The type; compared exactly.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ConfigurationExtensionAttribute(string name) : Attribute
{
    /// <summary>The <c>type</c> of the entries.</summary>
    public string Name { get; } = name;
}
