namespace Outrider.Filters;

/// <summary>
/// Registers an <see cref="IRouteHandler"/> under the name that <c>router_handler_name</c> uses. The class has one public constructor, without
/// parameters.
/// </summary>
/// <param name="name">The name; compared exactly.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class RouteHandlerAttribute(string name) : Attribute
{
    /// <summary>The name that configurations use.</summary>
    public string Name { get; } = name;
}
