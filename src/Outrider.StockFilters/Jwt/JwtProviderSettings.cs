using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.StockFilters.Jwt;

/// <summary>The message <c>JwtProvider</c>.</summary>
internal sealed class JwtProviderSettings
{
    /// <summary>The claim <c>iss</c>; empty for any.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>One of these must be in the claim <c>aud</c>; none for any.</summary>
    public string[]? Audiences { get; set; }

    /// <summary>Does a token need the claim <c>exp</c>?</summary>
    public bool RequireExpiration { get; set; }

    /// <summary>Keys that are here.</summary>
    public JwtLocalKeys? LocalJwks { get; set; }

    /// <summary>Keys that a server has.</summary>
    public JwtRemoteKeys? RemoteJwks { get; set; }

    /// <summary>Does the token go on to the upstream?</summary>
    public bool Forward { get; set; }

    /// <summary>Headers that bear tokens.</summary>
    public JwtHeaderSettings[]? FromHeaders { get; set; }

    /// <summary>Parameters of the query that bear tokens.</summary>
    public string[]? FromParams { get; set; }

    /// <summary>Cookies that bear tokens.</summary>
    public string[]? FromCookies { get; set; }

    /// <summary>The header that tells the upstream the token's payload, in base64url.</summary>
    public string ForwardPayloadHeader { get; set; } = "";

    /// <summary>Is the payload padded with <c>=</c> there?</summary>
    public bool PadForwardPayloadHeader { get; set; }

    /// <summary>The key of the stream's metadata in <c>envoy.filters.http.jwt_authn</c> that the payload goes to.</summary>
    public string PayloadInMetadata { get; set; } = "";

    /// <summary>Claims that the upstream is told in headers.</summary>
    public JwtClaimSettings[]? ClaimToHeaders { get; set; }

    /// <summary>By how many seconds clocks may differ. Default, and in place of 0: 60.</summary>
    [Range(0, int.MaxValue)]
    public int ClockSkewSeconds { get; set; }

    /// <summary>The longest time that a token may be good for; zero for any.</summary>
    [JsonConverter(typeof(GoDurationConverter))]
    public TimeSpan MaxLifetime { get; set; }
}
