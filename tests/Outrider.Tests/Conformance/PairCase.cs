namespace Outrider.Tests.Conformance;

/// <summary>One exchange through a chain of two filters, <c>a</c> and <c>b</c>, and what has to come of it on every base.</summary>
/// <param name="Name">In a few words.</param>
/// <param name="Do">What the filters do (<see cref="PairedFilter"/>).</param>
/// <param name="Outcome">What the client sees, as of <see cref="ConformanceCase"/>.</param>
/// <param name="Asked">What the upstream sees: mark and body; <c>-</c> for nothing.</param>
/// <param name="Life">The calls of both up to the end, in their order.</param>
/// <param name="Path">What the upstream answers: its path.</param>
/// <param name="Body">The request's body; <c>**</c> in front for chunks with a trailer.</param>
internal sealed record PairCase(string Name, string Do, string Outcome, string Asked, string Life, string Path = "/length", string Body = "")
{
    /// <summary>Each is told of the end of the stream once: what follows every life.</summary>
    internal const string Ends = "a.destroy a.log b.destroy b.log";

    /// <summary>The outcome where a response meets <c>b</c> before <c>a</c>; null where it is the same.</summary>
    internal string? ReversedOutcome { get; init; }

    /// <summary>The life there; null where it is the same.</summary>
    internal string? ReversedLife { get; init; }

    /// <summary>The life in Envoy, where its chain shows an answer to others; null where it is the same.</summary>
    internal string? LifeInEnvoy { get; init; }

    /// <summary>The life in nginx, where an answer is shown to those that the request had reached; null where it is the same.</summary>
    internal string? LifeInNginx { get; init; }

    /// <summary>The same where a response meets <c>b</c> before <c>a</c>.</summary>
    internal PairCase Reversed() => this with { Outcome = ReversedOutcome ?? Outcome, Life = ReversedLife ?? Life };

    /// <summary>The same with other lives.</summary>
    internal PairCase WithLives(Func<string, string> change) => this with { Life = change(Life), ReversedLife = ReversedLife is { } reversed ? change(reversed) : null };

    internal static IEnumerable<PairCase> All()
    {
        foreach (var one in Messages().Concat(Bodies()).Concat(Replies()))
        {
            yield return one;
            if (one.Do.Length > 0)
            {
                // Whatever either answers, it may answer later.
                yield return one with { Name = one.Name + ", late", Do = one.Do.Replace(":", ":late ", StringComparison.Ordinal) };
            }
        }
    }

    private static IEnumerable<PairCase> Messages()
    {
        yield return new("nothing to do", "", "200 12345678", "", "a.dh. b.dh. a.eh b.eh a.ed b.ed")
            { ReversedLife = "a.dh. b.dh. b.eh a.eh b.ed a.ed" };
        yield return new("bodies both ways", "", "200 12345678", "abcd", "a.dh b.dh a.dd b.dd a.eh b.eh a.ed b.ed", Body: "abcd")
            { ReversedLife = "a.dh b.dh a.dd b.dd b.eh a.eh b.ed a.ed" };
        yield return new("trailers both ways", "", "200 12345678", "abcd", "a.dh b.dh a.dd b.dd a.dt b.dt a.eh b.eh a.ed b.ed a.et b.et", Path: "/trailers", Body: "**abcd")
            { ReversedLife = "a.dh b.dh a.dd b.dd a.dt b.dt b.eh a.eh b.ed a.ed b.et a.et" };
        yield return new("each sees the other's headers", "a.dh:mark, b.dh:mark, a.eh:mark, b.eh:mark", "200 {a.eh b.eh}12345678", "{a.dh b.dh}", "a.dh. b.dh. a.eh b.eh a.ed b.ed")
            { ReversedOutcome = "200 {b.eh a.eh}12345678", ReversedLife = "a.dh. b.dh. b.eh a.eh b.ed a.ed" };
    }

    private static IEnumerable<PairCase> Bodies()
    {
        yield return new("the second sees what the first made of a streamed request", "a.dh:nolength, a.dd:append, b.dd:upper", "200 12345678", "ABCD+A", "a.dh b.dh a.dd b.dd a.eh b.eh a.ed b.ed", Body: "abcd")
            { ReversedLife = "a.dh b.dh a.dd b.dd b.eh a.eh b.ed a.ed" };
        yield return new("the first collects the request, the second changes it", "a.dh:whole, a.dw:mark append see, b.dh:nolength, b.dd:upper", "200 12345678", "{a.dw}ABCD+A", "a.dh a.dw a.(abcd+a) b.dh b.dd a.eh b.eh a.ed b.ed", Body: "abcd")
            { ReversedLife = "a.dh a.dw a.(abcd+a) b.dh b.dd b.eh a.eh b.ed a.ed" };
        yield return new("the second collects the request that the first changed", "a.dh:nolength, a.dd:append, b.dh:whole, b.dw:see upper mark", "200 12345678", "{b.dw}ABCD+A", "a.dh b.dh a.dd b.dw b.(abcd+a) a.eh b.eh a.ed b.ed", Body: "abcd")
            { ReversedLife = "a.dh b.dh a.dd b.dw b.(abcd+a) b.eh a.eh b.ed a.ed" };
        yield return new("both collect the request", "a.dh:whole, a.dw:mark append, b.dh:whole, b.dw:mark see append", "200 12345678", "{a.dw b.dw}abcd+a+b", "a.dh a.dw b.dh b.dw b.(abcd+a) a.eh b.eh a.ed b.ed", Body: "abcd")
            { ReversedLife = "a.dh a.dw b.dh b.dw b.(abcd+a) b.eh a.eh b.ed a.ed" };
        yield return new("both collect the request with its trailers", "a.dh:whole, a.dw:append, b.dh:whole, b.dw:see", "200 12345678", "abcd+a", "a.dh a.dwt b.dh b.dwt b.(abcd+a) a.eh b.eh a.ed b.ed", Body: "**abcd")
            { ReversedLife = "a.dh a.dwt b.dh b.dwt b.(abcd+a) b.eh a.eh b.ed a.ed" };
        yield return new("both collect a request without a body", "a.dh:whole, a.dw:mark, b.dh:whole, b.dw:mark", "200 12345678", "{a.dw b.dw}", "a.dh. a.dw b.dh. b.dw a.eh b.eh a.ed b.ed")
            { ReversedLife = "a.dh. a.dw b.dh. b.dw b.eh a.eh b.ed a.ed" };

        yield return new("each changes a streamed response", "a.eh:nolength, a.ed:append, b.eh:nolength, b.ed:append upper", "200 12345678+A+B", "", "a.dh. b.dh. a.eh b.eh a.ed b.ed")
            { ReversedOutcome = "200 12345678+B+a", ReversedLife = "a.dh. b.dh. b.eh a.eh b.ed a.ed" };
        yield return new("both collect the response", "a.eh:whole, a.ew:mark append see, b.eh:whole, b.ew:mark append see", "200 {a.ew b.ew}12345678+a+b", "", "a.dh. b.dh. a.eh a.ew a.(12345678+a) b.eh b.ew b.(12345678+a+b)")
            { ReversedOutcome = "200 {b.ew a.ew}12345678+b+a", ReversedLife = "a.dh. b.dh. b.eh b.ew b.(12345678+b) a.eh a.ew a.(12345678+b+a)" };
        yield return new("both collect the response with its trailers", "a.eh:whole, a.ew:append, b.eh:whole, b.ew:append", "200 12345678+a+b", "", "a.dh. b.dh. a.eh a.ewt b.eh b.ewt", Path: "/trailers")
            { ReversedOutcome = "200 12345678+b+a", ReversedLife = "a.dh. b.dh. b.eh b.ewt a.eh a.ewt" };
        yield return new("the first collects the response, the second has it streamed", "a.eh:whole, a.ew:append, b.eh:nolength, b.ed:upper", "200 12345678+A", "", "a.dh. b.dh. a.eh a.ew b.eh b.ed")
            { ReversedOutcome = "200 12345678+a", ReversedLife = "a.dh. b.dh. b.eh b.ed a.eh a.ew" };
        yield return new("the second collects the response, the first has it streamed", "a.eh:nolength, a.ed:append, b.eh:whole, b.ew:upper", "200 12345678+A", "", "a.dh. b.dh. a.eh b.eh a.ed b.ew")
            { ReversedOutcome = "200 12345678+a", ReversedLife = "a.dh. b.dh. b.eh b.ew a.eh a.ed" };
        yield return new("a large response through both", "a.eh:whole, b.eh:whole", "200 #200000", "", "a.dh. b.dh. a.eh a.ew b.eh b.ew", Path: "/large")
            { ReversedLife = "a.dh. b.dh. b.eh b.ew a.eh a.ew" };
    }

    private static IEnumerable<PairCase> Replies()
    {
        const string Seen = " a.local403 b.local403 a.eh403 b.eh403 a.ed b.ed";
        // The one that answers sees its answer first, whoever is the first of the chain.
        const string OwnFirst = " b.local403 b.eh403 b.ed a.local403 a.eh403 a.ed";
        const string NotReached = " a.local403 a.eh403 a.ed b.local403";
        yield return new("the first replies", "a.dh:reply", "403 from a.dh", "-", "a.dh." + Seen) { LifeInNginx = "a.dh." + NotReached };
        yield return new("the first replies when it has the request whole", "a.dh:whole, a.dw:reply", "403 from a.dw", "-", "a.dh a.dw" + Seen, Body: "abcd")
            { LifeInNginx = "a.dh a.dw" + NotReached };
        foreach (var one in (PairCase[])
        [
            new("the second replies", "b.dh:reply", "403 from b.dh", "-", "a.dh. b.dh."),
            new("the second replies when the first has collected the request", "a.dh:whole, b.dh:reply", "403 from b.dh", "-", "a.dh a.dw b.dh", Body: "abcd"),
            new("the second replies when it has the request whole", "b.dh:whole, b.dw:reply", "403 from b.dw", "-", "a.dh b.dh a.dd b.dw", Body: "abcd"),
        ])
        {
            yield return one with { Life = one.Life + Seen, LifeInEnvoy = one.Life + OwnFirst, LifeInNginx = one.Life + OwnFirst };
        }

        yield return new("the first ends the stream", "a.dh:stop", "cut", "-", "a.dh.");
        yield return new("the second ends the stream", "b.dh:stop", "cut", "-", "a.dh. b.dh.");
        yield return new("the first fails", "a.dh:throw", "500 internal error", "-", "a.dh. a.local500 b.local500")
            { LifeInEnvoy = "a.dh. a.local500 b.local500 b.eh500 b.ed" };
        yield return new("the second fails", "b.dh:throw", "500 internal error", "-", "a.dh. b.dh. a.local500 b.local500")
            { LifeInEnvoy = "a.dh. b.dh. a.local500 b.local500 a.eh500 a.ed", LifeInNginx = "a.dh. b.dh. a.local500 b.local500 a.eh500 a.ed" };
    }
}
