using Outrider.Proxy.Configuration.Model;

namespace Outrider.Proxy.Configuration.Binding;

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
                    sources.Add(new HashSource(HashSourceKind.Cookie, name));
                }

                // They say what a cookie would be made with, where the client brings none.
                cookie.Ignore("path", "ttl");
                cookie.Finish();
            }
            else if (policy.Object("source_ip") is { } address)
            {
                sources.Add(new HashSource(HashSourceKind.SourceAddress, ""));
                address.Finish();
            }
            else if (policy.Take("header") is null && policy.Take("cookie") is null && policy.Take("source_ip") is null)
            {
                policy.Problems.Error(policy.Node.Problem("wanted one of header, cookie and source_ip"));
            }

            policy.Finish();
        }

        return sources;
    }
}
