namespace Outrider.Tests.Conformance;

/// <summary>What a base forces to be otherwise than on the others. Each is a line of the table in <c>docs/bases.md</c>, and is checked to be so.</summary>
/// <param name="Line">What the table calls it.</param>
/// <param name="Base">The base.</param>
/// <param name="Seen">What happens there in the place of what a case expects; the case itself where it is none of this.</param>
internal sealed record ForcedDifference(string Line, string Base, Func<ConformanceCase, ConformanceCase> Seen)
{
    /// <summary>The same for a case of two filters. Default: it is none of this.</summary>
    internal Func<PairCase, PairCase> SeenOfTwo { get; init; } = static one => one;

    internal static IReadOnlyList<ForcedDifference> All { get; } =
    [
        new("trailers of responses", "nginx", one => one with
        {
            Life = one.Life.Replace(" et ", " ", StringComparison.Ordinal).Replace("ewt", "ew", StringComparison.Ordinal),
            Outcome = (one.Do.Contains("et:", StringComparison.Ordinal) ? one.Outcome.Replace("+more", "", StringComparison.Ordinal) : one.Outcome).Replace("ewt", "ew", StringComparison.Ordinal),
        }) { SeenOfTwo = static one => one.WithLives(static life => Without(life, "et").Replace("ewt", "ew", StringComparison.Ordinal)) },
        new("trailers of requests", "nginx", one => one with
        {
            Life = one.Life.Replace(" dt ", " ", StringComparison.Ordinal).Replace("dwt", "dw", StringComparison.Ordinal),
            Asked = (one.Do.Contains("dt:", StringComparison.Ordinal) ? one.Asked.Replace("+more", "", StringComparison.Ordinal) : one.Asked).Replace("dwt", "dw", StringComparison.Ordinal),
        }) { SeenOfTwo = static one => one.WithLives(static life => Without(life, "dt").Replace("dwt", "dw", StringComparison.Ordinal)) },
        new("order of two filters on a response", "Envoy", static one => one) { SeenOfTwo = static one => one.Reversed() },
        new("order of two filters on a response", "nginx", static one => one) { SeenOfTwo = static one => one.Reversed() },
        new("who sees another filter's answer", "Envoy", static one => one) { SeenOfTwo = static one => one with { Life = one.LifeInEnvoy ?? one.Life } },
        new("who sees another filter's answer", "nginx", static one => one) { SeenOfTwo = static one => one with { Life = one.LifeInNginx ?? one.Life } },
    ];

    /// <summary>What has to come of a case on a base.</summary>
    internal static ConformanceCase On(string name, ConformanceCase one)
        => All.Where(difference => difference.Base == name).Aggregate(one, (seen, difference) => difference.Seen(seen));

    /// <summary>What has to come of a case of two filters on a base.</summary>
    internal static PairCase On(string name, PairCase one)
        => All.Where(difference => difference.Base == name).Aggregate(one, (seen, difference) => difference.SeenOfTwo(seen));

    // The calls of two, with a name before each.
    private static string Without(string life, string step) => string.Join(' ', life.Split(' ').Where(entry => entry[2..] != step));
}
