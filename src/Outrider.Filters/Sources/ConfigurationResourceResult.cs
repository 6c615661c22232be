namespace Outrider.Filters;

/// <summary>What became of one resource. Immutable.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its name.</param>
/// <param name="Problems">Why it was refused, a line for each reason; empty when it is in force. What was in force before stays where it was refused.</param>
public sealed record ConfigurationResourceResult(ConfigurationResourceKind Kind, string Name, IReadOnlyList<string> Problems)
{
    /// <summary>Is it in force?</summary>
    public bool IsAccepted => Problems.Count == 0;
}
