using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds a route's <c>hash_policy</c>.</summary>
internal static class HashPolicyBinder
{
    public static IReadOnlyList<HashSource> Bind(ObjectReader action)
    {
        List<HashSource> sources = [];
        foreach (ObjectReader policy in action.Objects("hash_policy"))
        {
            if (policy.Object("header") is { } header)
            {
                if (header.RequiredText("key") is { } key && HeaderMutationsBinder.IsName(header.Take("key")!, header.Problems))
                {
                    sources.Add(new HashSource(HashSourceKind.Header, key));
                }

                header.Finish();
            }
            else if (policy.Object("cookie") is { } cookie)
            {
                if (cookie.RequiredText("name") is { } name)
                {
                    BalancingBinder.IsCookieName(cookie, name);
                    string path = BalancingBinder.CookiePath(cookie) ?? "";
                    var lifetime = cookie.Duration("ttl", TimeSpan.Zero, ZeroDuration.MeansNone);
                    // Envoy's rule: with a ttl, be it zero, a cookie is made where the client brings none.
                    sources.Add(new HashSource(HashSourceKind.Cookie, name, cookie.Take("ttl") is null ? null : new AffinityConfiguration(name, path, lifetime)));
                }

                cookie.Finish();
            }
            else if (policy.Object("source_ip") is { } address)
            {
                sources.Add(new HashSource(HashSourceKind.SourceAddress, ""));
                address.Finish();
            }
            else if (policy.Object("path") is { } path)
            {
                sources.Add(new HashSource(HashSourceKind.Path, ""));
                path.Finish();
            }
            else if (policy.Object("query_parameter") is { } parameter)
            {
                if (parameter.RequiredText("name") is { } name)
                {
                    sources.Add(new HashSource(HashSourceKind.QueryParameter, name));
                }

                parameter.Finish();
            }
            else if (policy.Take("path") is null && policy.Take("query_parameter") is null && policy.Take("header") is null && policy.Take("cookie") is null && policy.Take("source_ip") is null)
            {
                policy.Problems.Error(policy.Node.Problem("wanted one of header, cookie, source_ip, path and query_parameter"));
            }

            policy.Finish();
        }

        return sources;
    }
}
