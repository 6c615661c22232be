namespace Outrider.Filters;

/// <summary>
/// Registers a <see cref="StreamFilter"/> under the name that configurations use (<c>"type": "demo"</c>). The class has one
/// public constructor, with one parameter (the typed configuration) or none.
/// </summary>
/// <remarks>
/// A filter that needs more when its configuration loads, such as a plugin (<see cref="FilterConfiguration.Plugins"/>), has
/// the attribute on its <see cref="IStreamFilterFactory"/> instead, whose one public constructor takes the
/// <see cref="FilterConfiguration"/>.
/// </remarks>
/// <param name="name">The name; compared exactly.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class StreamFilterAttribute(string name) : Attribute
{
    /// <summary>The name that configurations use.</summary>
    public string Name { get; } = name;

    /// <summary>The phase of the receiver side. Default <see cref="ReceiverPhase.BeforeRoute"/>.</summary>
    public ReceiverPhase Phase { get; init; }

    /// <summary>
    /// A <c>JsonSerializerContext</c> that knows the configuration's type (source-generated, for NativeAOT and a quick start).
    /// Default: none, and the configuration is read by reflection.
    /// </summary>
    public Type? JsonContext { get; init; }
}
