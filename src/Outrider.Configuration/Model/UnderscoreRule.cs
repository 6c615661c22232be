namespace Outrider.Configuration.Model;

/// <summary>
/// What becomes of a request's fields with an underscore in their name. Names that are a framing, routing or forwarding field but for
/// that (<c>Content_Length</c>) are refused whatever is said here.
/// </summary>
internal enum UnderscoreRule
{
    /// <summary>They pass as they are.</summary>
    Pass,

    /// <summary>They are left out.</summary>
    Drop,

    /// <summary>The request is refused with 400.</summary>
    Refuse,
}
