using Outrider.Filters;

namespace Outrider.StockFilters.Rbac;

/// <summary>Lets requests pass by who asks for what, and answers others with 403: Envoy's <c>rbac</c>, and Istio's for MOSN. Shadow rules only say what they would do.</summary>
[StreamFilter("rbac", Phase = ReceiverPhase.AfterRoute, JsonContext = typeof(RbacJson))]
public sealed class RbacFilter(RbacConfig config) : StreamFilter
{
    private const string Namespace = "envoy.filters.http.rbac";

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        var rbac = Stream.ConfigurationOr(config);
        if (rbac.ShadowRules is { } shadow)
        {
            bool passes = shadow.Allows(Stream, headers, out string? fitting);
            string result = Count("shadow_rules", fitting, passes);
            Stream.Metadata.Set(Namespace, rbac.ShadowPrefix + "shadow_engine_result", result);
            if (fitting is not null)
            {
                Stream.Metadata.Set(Namespace, rbac.ShadowPrefix + "shadow_effective_policy_id", fitting);
            }
        }

        if (rbac.Rules is not { } rules)
        {
            return FilterAction.Continue;
        }

        bool allowed = rules.Allows(Stream, headers, out string? policy);
        _ = Count("rules", policy, allowed);
        if (rules.Action == RbacAction.Log)
        {
            // What Envoy's access logs choose by.
            Stream.Metadata.Set("envoy.common", "access_log_hint", policy is not null);
        }

        return allowed ? FilterAction.Continue
            : Reply(new LocalReply(403, "RBAC: access denied") { Details = $"rbac_access_denied_matched_policy[{policy?.Replace(' ', '_') ?? "none"}]" });
    }

    /// <summary>The filter keeps nothing of a stream.</summary>
    public override bool TryReset() => true;

    private string Count(string rules, string? policy, bool allowed)
    {
        string decision = allowed ? "allowed" : "denied";
        config.Decisions.Add(1, rules, policy ?? "none", decision);
        return decision;
    }
}
