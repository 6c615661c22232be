namespace Outrider.Filters;

/// <summary>
/// Registers an <see cref="IHealthCheckCallback"/> under the name that clusters use (<c>"health_check": {"common_callbacks": ["demo"]}</c>). The class has one public
/// constructor without parameters; each cluster that names it has one of its own.
/// </summary>
/// <param name="name">The name; compared exactly.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class HealthCheckAttribute(string name) : Attribute
{
    /// <summary>The name that configurations use.</summary>
    public string Name { get; } = name;
}
