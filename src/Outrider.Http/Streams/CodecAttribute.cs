namespace Outrider.Http.Streams;

/// <summary>
/// Registers a codec under the name that <c>downstream_protocol</c> and <c>upstream_protocol</c> use. The class implements
/// <see cref="IServerCodec"/>, <see cref="IUpstreamCodec"/> or both, and has one public constructor without parameters.
/// </summary>
/// <param name="name">The name; compared exactly. No comma.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class CodecAttribute(string name) : Attribute
{
    /// <summary>The name that configurations use.</summary>
    public string Name { get; } = name;
}
