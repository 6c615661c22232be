namespace Outrider.Filters;

/// <summary>
/// Registers an <see cref="ILoadBalancer"/> under the name that clusters use (<c>"lb_type": "LB_DEMO"</c>). The class has one public constructor,
/// with one parameter (the typed configuration out of the cluster's <c>lbconfig</c>, or the <see cref="FilterConfiguration"/>) or none.
/// </summary>
/// <param name="name">The name; compared exactly.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class LoadBalancerAttribute(string name) : Attribute
{
    /// <summary>The name that configurations use.</summary>
    public string Name { get; } = name;
}
