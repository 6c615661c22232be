namespace Outrider.Filters;

/// <summary>
/// Registers an <see cref="IHealthChecker"/> under the name that clusters use (<c>"health_check": {"protocol": "demo"}</c>). The class has one public constructor, with
/// one parameter (the typed configuration out of <c>check_config</c>, or the <see cref="FilterConfiguration"/>) or none.
/// </summary>
/// <param name="name">The name; compared exactly.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class HealthCheckerAttribute(string name) : Attribute
{
    /// <summary>The name that configurations use.</summary>
    public string Name { get; } = name;
}
