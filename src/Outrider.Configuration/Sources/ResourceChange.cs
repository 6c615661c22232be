using System.Diagnostics.CodeAnalysis;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;

namespace Outrider.Configuration.Sources;

/// <summary>What a source says of one resource. Immutable.</summary>
/// <param name="Name">Which resource.</param>
internal sealed record ResourceChange(ResourceName Name)
{
    /// <summary>
    /// A <see cref="ClusterConfiguration"/>, a <see cref="RouterConfiguration"/>, a <see cref="ListenerConfiguration"/> or an
    /// <see cref="IReadOnlyList{T}"/> of <see cref="HostConfiguration"/>, as the kind is; null: what was said holds no longer.
    /// </summary>
    public object? Value { get; init; }

    /// <summary>What the source wrote, UTF-8 JSON as in the file; empty for a source that does not write any. For whoever wants to see it.</summary>
    public ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>Why it cannot be read; empty where it can.</summary>
    public IReadOnlyList<ConfigurationProblem> Errors { get; init; } = [];

    /// <summary>What its author should know.</summary>
    public IReadOnlyList<ConfigurationProblem> Warnings { get; init; } = [];

    /// <summary>Does it take back what was said?</summary>
    [MemberNotNullWhen(false, nameof(Value))]
    public bool IsRemoval => Value is null;
}
