namespace Outrider.Http.V1.Client;

/// <summary>What <see cref="ResponseHeads"/> found next.</summary>
internal enum ResponseHeadStep : byte
{
    /// <summary>Everything that was given is used up; more is needed.</summary>
    NeedMore,

    /// <summary>An interim response (1xx), after which another head comes.</summary>
    Interim,

    /// <summary>An interim response that is not to go on; another head comes.</summary>
    Ignored,

    /// <summary>The request's upgrade is accepted (101): a tunnel follows.</summary>
    Upgraded,

    /// <summary>The response itself; what its framing says follows.</summary>
    Final,

    /// <summary>The upstream does not speak HTTP as it should; see <see cref="ResponseHeads.Error"/>.</summary>
    Error,
}
