using System.Text;
using Outrider.Filters;

namespace Outrider.StockFilters.Jwt;

/// <summary>Lets requests pass that bear a JSON Web Token (RFC 7519) which is in order, as Envoy's <c>jwt_authn</c> and Istio's for MOSN; 401 otherwise, 403 where it is for somebody else.</summary>
[StreamFilter("jwt_authn", Phase = ReceiverPhase.BeforeRoute, JsonContext = typeof(JwtJson))]
public sealed class JwtAuthnFilter(JwtAuthnConfig config) : StreamFilter
{
    private static readonly LocalReply[] s_refusals = [.. Enum.GetValues<JwtResult>().Select(Refusal)];

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        foreach (var provider in config.Providers)
        {
            // A client does not say what a token would.
            provider.RemoveOwn(headers);
        }

        if (config.BypassesPreflight && headers.Method.SequenceEqual("OPTIONS"u8) && headers.Contains("origin"u8) && headers.Contains("access-control-request-method"u8))
        {
            return FilterAction.Continue;
        }

        string path = Encoding.Latin1.GetString(headers.PathWithoutQuery);
        foreach (var rule in config.Rules)
        {
            if (rule.Matches(headers, path))
            {
                return rule.Requirement is { } requirement ? VerifyAsync(requirement) : FilterAction.Continue;
            }
        }

        return FilterAction.Continue;
    }

    private static LocalReply Refusal(JwtResult result)
    {
        string text = result switch
        {
            JwtResult.Ok => "",
            JwtResult.Missing => "Jwt is missing",
            JwtResult.BadFormat => "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections",
            JwtResult.UnknownIssuer => "Jwt issuer is not configured",
            JwtResult.NoKeys => "Jwks remote fetch is failed",
            JwtResult.Expired => "Jwt is expired",
            JwtResult.NotYetValid => "Jwt not yet valid",
            JwtResult.NoExpiration => "Jwt has no expiration",
            JwtResult.LivesTooLong => "Jwt lives too long",
            JwtResult.AudienceNotAllowed => "Audiences in Jwt are not allowed",
            _ => "Jwt verification fails",
        };
        var reply = new LocalReply(result == JwtResult.AudienceNotAllowed ? 403 : 401, text) { Details = "jwt_authn_access_denied" };
        return reply.Status == 403 ? reply : reply.With("www-authenticate", result == JwtResult.Missing ? "Bearer" : "Bearer error=\"invalid_token\"");
    }

    private async ValueTask<FilterAction> VerifyAsync(JwtRequirement requirement)
    {
        var result = await requirement.VerifyAsync(Stream);
        if (result == JwtResult.Ok)
        {
            config.Allowed.Increment();
            return FilterAction.Continue;
        }

        config.Denied.Increment();
        return Reply(s_refusals[(int)result]);
    }
}
