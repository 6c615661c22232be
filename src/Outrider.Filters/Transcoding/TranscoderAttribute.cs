namespace Outrider.Filters;

/// <summary>
/// Registers an <see cref="ITranscoder"/> under the name that the filter <c>transcoder</c> uses as <c>type</c>. The class has one public constructor, with
/// one parameter (the typed configuration, or the <see cref="FilterConfiguration"/>) or none.
/// </summary>
/// <param name="name">The name; compared exactly.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class TranscoderAttribute(string name) : Attribute
{
    /// <summary>The name that configurations use.</summary>
    public string Name { get; } = name;

    /// <summary>As <see cref="StreamFilterAttribute.JsonContext"/>.</summary>
    public Type? JsonContext { get; init; }
}
