namespace Outrider.StockFilters.Jwt;

/// <summary>What came of looking at a request's tokens.</summary>
internal enum JwtResult
{
    /// <summary>There is one, and it is in order.</summary>
    Ok,

    /// <summary>There is none.</summary>
    Missing,

    /// <summary>It is no token.</summary>
    BadFormat,

    /// <summary>Another issuer's.</summary>
    UnknownIssuer,

    /// <summary>The provider's keys are not to be had.</summary>
    NoKeys,

    /// <summary>No key made its signature.</summary>
    BadSignature,

    /// <summary>It was good once.</summary>
    Expired,

    /// <summary>It will be good later.</summary>
    NotYetValid,

    /// <summary>It does not say until when.</summary>
    NoExpiration,

    /// <summary>It is good for longer than the provider allows.</summary>
    LivesTooLong,

    /// <summary>It is for somebody else.</summary>
    AudienceNotAllowed,
}
