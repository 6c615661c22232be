namespace Outrider.Filters;

/// <summary>
/// Registers an <see cref="IConfigurationSource"/> under the name that <c>configuration_sources[].type</c> uses. The class has one public constructor,
/// with one parameter (its typed configuration, or the <see cref="FilterConfiguration"/>) or none.
/// </summary>
/// <param name="name">The name; compared exactly.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ConfigurationSourceAttribute(string name) : Attribute
{
    /// <summary>The name that configurations use.</summary>
    public string Name { get; } = name;
}
