using Outrider.Configuration.Model;
using Outrider.Http.Headers;

namespace Outrider.Proxy.Streams.Exchanges;

/// <summary>Which answers of upstreams are tried again.</summary>
internal static class RetriedAnswers
{
    /// <summary>Is that answer one to try again, as far as its status and its headers tell?</summary>
    internal static bool Matches(this RetryPolicyConfiguration policy, int status, HeaderBlock fields)
    {
        if ((policy.Conditions & RetryConditions.OfWords) != 0 && fields.IndexOf("x-envoy-ratelimited"u8) >= 0)
        {
            // More requests would not help who has had too many.
            return (policy.Conditions & RetryConditions.RateLimited) != 0;
        }

        return policy.Matches(status) || ((policy.Conditions & RetryConditions.RetriableHeaders) != 0 && MatchesHeaders(policy, fields));
    }

    private static bool MatchesHeaders(RetryPolicyConfiguration policy, HeaderBlock fields)
    {
        foreach (var header in policy.Headers)
        {
            int at = fields.IndexOf(header.Name);
            if (header.Matches(at >= 0, at >= 0 ? fields.ValueAt(at) : default))
            {
                return true;
            }
        }

        return false;
    }
}
