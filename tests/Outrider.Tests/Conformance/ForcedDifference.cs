namespace Outrider.Tests.Conformance;

/// <summary>What a base forces to be otherwise than on the others. Each is a line of the table in <c>docs/bases.md</c>, and is checked to be so.</summary>
/// <param name="Line">What the table calls it.</param>
/// <param name="Base">The base.</param>
/// <param name="Seen">What happens there in the place of what a case expects; the case itself where it is none of this.</param>
internal sealed record ForcedDifference(string Line, string Base, Func<ConformanceCase, ConformanceCase> Seen)
{
    internal static IReadOnlyList<ForcedDifference> All { get; } =
    [
        new("trailers of responses", "nginx", one => one with
        {
            Life = one.Life.Replace(" et ", " ", StringComparison.Ordinal).Replace("ewt", "ew", StringComparison.Ordinal),
            Outcome = (one.Do.Contains("et:", StringComparison.Ordinal) ? one.Outcome.Replace("+more", "", StringComparison.Ordinal) : one.Outcome).Replace("ewt", "ew", StringComparison.Ordinal),
        }),
        new("trailers of requests", "nginx", one => one with
        {
            Life = one.Life.Replace(" dt ", " ", StringComparison.Ordinal).Replace("dwt", "dw", StringComparison.Ordinal),
            Asked = (one.Do.Contains("dt:", StringComparison.Ordinal) ? one.Asked.Replace("+more", "", StringComparison.Ordinal) : one.Asked).Replace("dwt", "dw", StringComparison.Ordinal),
        }),
    ];

    /// <summary>What has to come of a case on a base.</summary>
    internal static ConformanceCase On(string name, ConformanceCase one)
        => All.Where(difference => difference.Base == name).Aggregate(one, (seen, difference) => difference.Seen(seen));
}
