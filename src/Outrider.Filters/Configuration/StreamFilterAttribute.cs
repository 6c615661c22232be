namespace Outrider.Filters;

/// <summary>
/// Registers a <see cref="StreamFilter"/> under the name that configurations use (<c>"type": "demo"</c>). The class has one
/// public constructor, with one parameter (the typed configuration) or none.
/// </summary>
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
