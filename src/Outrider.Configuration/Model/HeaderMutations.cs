namespace Outrider.Configuration.Model;

/// <summary>Headers that are added and removed. MOSN adds first and removes then.</summary>
internal sealed record HeaderMutations
{
    /// <summary>Nothing is added or removed.</summary>
    public static readonly HeaderMutations None = new();

    /// <summary>What requests get.</summary>
    public IReadOnlyList<HeaderAddition> RequestAdd { get; init; } = [];

    /// <summary>What requests lose.</summary>
    public IReadOnlyList<string> RequestRemove { get; init; } = [];

    /// <summary>What responses get.</summary>
    public IReadOnlyList<HeaderAddition> ResponseAdd { get; init; } = [];

    /// <summary>What responses lose.</summary>
    public IReadOnlyList<string> ResponseRemove { get; init; } = [];
}
