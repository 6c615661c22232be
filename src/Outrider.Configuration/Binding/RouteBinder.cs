using System.Text.Json;
using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds one route.</summary>
internal static class RouteBinder
{
    private static readonly int[] s_redirects = [301, 302, 303, 307, 308];

    public static RouteConfiguration? Bind(ObjectReader route, IReadOnlySet<string> clusters)
    {
        RouteMatchConfiguration match = route.Object("match") is { } m ? RouteMatchBinder.Bind(m) : new RouteMatchConfiguration();
        DirectResponseConfiguration? response = route.Object("direct_response") is { } d ? Respond(d) : null;
        RedirectConfiguration? redirect = route.Object("redirect") is { } r ? Redirect(r) : null;
        RouteActionConfiguration? action = null;

        // MOSN looks at a direct response first, then at a redirect; its own dumps carry an empty "route" beside either.
        bool answered = route.Take("direct_response") is not null || route.Take("redirect") is not null;
        if (response is not null && redirect is not null)
        {
            route.Warning("redirect", "stands beside direct_response, which wins");
            redirect = null;
        }

        if (answered)
        {
            if (route.Take("route") is { Kind: JsonValueKind.Object } node && RouteActionBinder.NamesCluster(node))
            {
                route.Warning("route", $"stands beside {(route.Take("direct_response") is null ? "redirect" : "direct_response")}, which wins");
            }
        }
        else if (route.Object("route") is { } a)
        {
            action = RouteActionBinder.Bind(a, clusters, match);
        }
        else if (route.Take("route") is null)
        {
            route.Error("route", "is missing: a route needs one of route, redirect and direct_response");
        }

        IReadOnlyList<RouteFilterConfiguration> filters = RouteFilterBinder.Bind(route);
        MirrorConfiguration? mirror = route.Object("request_mirror_policies") is { } policy ? Mirror(policy, clusters) : null;
        route.Ignore("metadata");
        route.Finish();
        return action is null && response is null && redirect is null
            ? null
            : new RouteConfiguration { Match = match, Action = action, DirectResponse = response, Redirect = redirect, Filters = filters, Mirror = mirror };
    }

    private static MirrorConfiguration? Mirror(ObjectReader policy, IReadOnlySet<string> clusters)
    {
        string? cluster = policy.RequiredText("cluster");
        if (cluster is not null && !clusters.Contains(cluster))
        {
            policy.Error("cluster", $"no cluster is named \"{cluster}\"");
        }

        int percent = policy.Integer("percent", 0, 0, 100);
        _ = policy.Flag("trace_sampled", false);
        policy.Finish();
        return cluster is null || percent == 0 ? null : new MirrorConfiguration(cluster, percent);
    }

    private static DirectResponseConfiguration Respond(ObjectReader response)
    {
        if (response.Take("status") is null)
        {
            response.Error("status", "is missing and required");
        }

        var configuration = new DirectResponseConfiguration(response.Integer("status", 200, 200, 599), response.Text("body") ?? "");
        response.Finish();
        return configuration;
    }

    private static RedirectConfiguration Redirect(ObjectReader redirect)
    {
        int code = redirect.IntegerOrDefault("response_code", 301, 1, 999);
        if (!s_redirects.Contains(code))
        {
            redirect.Error("response_code", $"found {code}, wanted one of {string.Join(", ", s_redirects)}");
        }

        var configuration = new RedirectConfiguration
        {
            ResponseCode = code,
            PathRedirect = Part(redirect, "path_redirect"),
            HostRedirect = Part(redirect, "host_redirect"),
            SchemeRedirect = Scheme(redirect),
        };
        if (configuration is { PathRedirect: null, HostRedirect: null, SchemeRedirect: null })
        {
            redirect.Problems.Warning(redirect.Node, "changes neither path nor host nor scheme: the client will come back for ever");
        }

        redirect.Finish();
        return configuration;
    }

    // It goes into a Location header, where a line break would start another header.
    private static string? Part(ObjectReader redirect, string key)
    {
        string? text = redirect.Text(key);
        if (text is not null && text.Any(c => c <= ' ' || c == 127))
        {
            redirect.Error(key, "holds a blank or a control character, which a URI cannot (RFC 3986 §2)");
        }

        return text;
    }

    // RFC 3986 §3.1.
    private static string? Scheme(ObjectReader redirect)
    {
        string? scheme = redirect.Text("scheme_redirect")?.ToLowerInvariant();
        if (scheme is not null && !(char.IsAsciiLetter(scheme[0]) && scheme.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '+' or '-')))
        {
            ObjectReader.Wrong(redirect.Take("scheme_redirect")!, redirect.Problems, "a scheme such as https");
        }

        return scheme;
    }
}
