using System.Text;
using System.Text.Json;
using Outrider.Configuration.Json;
using Outrider.Configuration.Model;
using Outrider.Filters;

namespace Outrider.Configuration.Binding;

/// <summary>Binds the <c>route</c> of a route: forwarding to a cluster.</summary>
internal static class RouteActionBinder
{
    private const long MaxWeight = uint.MaxValue;

    /// <summary>Whether this says where to forward to, in any way that MOSN knows.</summary>
    public static bool NamesCluster(ConfigurationNode action)
        => action.Find("cluster_name") is { Text.Length: > 0 } || action.Find("cluster_header") is { Text.Length: > 0 }
            || action.Find("cluster_variable") is { Text.Length: > 0 } || action.Find("weighted_clusters") is { Items.Count: > 0 };

    public static RouteActionConfiguration Bind(ObjectReader action, IReadOnlySet<string> clusters, RouteMatchConfiguration match)
    {
        string? name = action.Text("cluster_name");
        string? header = action.Text("cluster_header");
        IReadOnlyDictionary<string, string> metadataMatch = SubsetBinder.Metadata(action, "metadata_match");
        IReadOnlyList<WeightedClusterConfiguration> weighted = Weighted(action, clusters);
        bool hasWeighted = action.Array("weighted_clusters").Count > 0;
        if (!NamesCluster(action.Node))
        {
            action.Error("cluster_name", "is missing: one of cluster_name, weighted_clusters and cluster_header says where requests go");
        }
        else if (action.Text("cluster_variable") is not null && name is null && header is null && !hasWeighted)
        {
            action.Error("cluster_variable", "is not supported yet, wanted cluster_name, weighted_clusters or cluster_header");
        }

        if (name is not null)
        {
            CheckCluster(action, "cluster_name", name, clusters);
        }

        if (header is not null)
        {
            HeaderMutationsBinder.IsName(action.Take("cluster_header")!, action.Problems);
        }

        // MOSN's order: weighted clusters, then the name.
        name = Unless(hasWeighted, name, action, "cluster_name", "weighted_clusters");
        header = Unless(hasWeighted || name is not null, header, action, "cluster_header", hasWeighted ? "weighted_clusters" : "cluster_name");
        Unless(hasWeighted || (name ?? header) is not null, action.Text("cluster_variable"), action, "cluster_variable", "another key");

        string? hostRewrite = action.Text("host_rewrite");
        if (hostRewrite is not null && !RequestLineRules.IsAuthority(Encoding.UTF8.GetBytes(hostRewrite)))
        {
            ObjectReader.Wrong(action.Take("host_rewrite")!, action.Problems, "a host, with a port or without");
        }

        var configuration = new RouteActionConfiguration
        {
            ClusterName = name,
            ClusterHeader = header,
            WeightedClusters = weighted,
            TotalWeight = weighted.Sum(w => w.Weight),
            Timeout = action.Duration("timeout", RouteActionConfiguration.DefaultTimeout, ZeroDuration.MeansDefault),
            MaxStreamDuration = MaxStreamDuration(action),
            PrefixRewrite = PrefixRewrite(action, match),
            RegexRewrite = RegexRewrite(action),
            HostRewrite = hostRewrite,
            AutoHostRewrite = action.Flag("auto_host_rewrite", false),
            HashPolicy = HashPolicyBinder.Bind(action),
            MetadataMatch = [.. metadataMatch],
            HeaderMutations = HeaderMutationsBinder.Bind(action),
            UpstreamProtocol = action.Text("upstream_protocol") is null ? null : ProxyFilterBinder.Protocol(action, "upstream_protocol"),
            RetryPolicy = action.Object("retry_policy") is { } retry ? RetryPolicyBinder.Bind(retry) : null,
        };
        action.Ignore("auto_host_rewrite_header");
        action.Finish();
        return configuration;
    }

    private static string? Unless(bool isPassed, string? value, ObjectReader action, string key, string winner)
    {
        if (value is null || !isPassed)
        {
            return value;
        }

        action.Warning(key, $"stands beside {winner}, which wins");
        return null;
    }

    private static void CheckCluster(ObjectReader reader, string key, string name, IReadOnlySet<string> clusters)
    {
        if (!clusters.Contains(name))
        {
            reader.Error(key, $"no cluster is named \"{name}\"");
        }
    }

    private static List<WeightedClusterConfiguration> Weighted(ObjectReader action, IReadOnlySet<string> clusters)
    {
        List<WeightedClusterConfiguration> weighted = [];
        foreach (ObjectReader item in action.Objects("weighted_clusters"))
        {
            if (item.Object("cluster") is { } cluster)
            {
                string? name = cluster.RequiredText("name");
                if (name is not null)
                {
                    CheckCluster(cluster, "name", name, clusters);
                }

                weighted.Add(new WeightedClusterConfiguration(
                    name ?? "", cluster.Long("weight", 0, 0, MaxWeight), [.. SubsetBinder.Metadata(cluster, "metadata_match")]));
                cluster.Finish();
            }
            else if (item.Take("cluster") is null)
            {
                item.Error("cluster", "is missing and required");
            }

            item.Finish();
        }

        if (weighted.Count > 0 && weighted.Sum(w => w.Weight) == 0)
        {
            action.Error("weighted_clusters", "the weights add up to 0: no cluster can be chosen");
        }

        return weighted;
    }

    private static string? PrefixRewrite(ObjectReader action, RouteMatchConfiguration match)
    {
        string? prefix = action.Text("prefix_rewrite");
        if (prefix is null)
        {
            return null;
        }

        if (prefix[0] != '/' || prefix.Any(c => c is <= ' ' or >= (char)127 or '#'))
        {
            // It becomes part of a request line as it stands.
            ObjectReader.Wrong(action.Take("prefix_rewrite")!, action.Problems, "a path that begins with /, percent-encoded (RFC 3986 §3.3)");
        }

        if (match.Prefix is null && match.Path is null)
        {
            action.Warning("prefix_rewrite", "the match has no prefix or path to replace; ignored");
            return null;
        }

        return prefix;
    }

    private static RegexRewriteConfiguration? RegexRewrite(ObjectReader action)
    {
        if (action.Object("regex_rewrite") is not { } rewrite)
        {
            return null;
        }

        ObjectReader? pattern = rewrite.Object("pattern");
        string? text = pattern?.Text("regex");
        string substitution = rewrite.Text("substitution") ?? "";
        pattern?.Ignore("google_re2");
        pattern?.Finish();
        rewrite.Finish();
        if (pattern is null || text is null)
        {
            return null;
        }

        if (action.Text("prefix_rewrite") is not null)
        {
            action.Warning("regex_rewrite", "stands beside prefix_rewrite, which wins");
            return null;
        }

        if (RouteMatchBinder.Compile(pattern, "regex", text) is not { } regex)
        {
            return null;
        }

        if (GoReplacement.Translate(regex, substitution) is { } translated)
        {
            return new RegexRewriteConfiguration(regex, translated);
        }

        rewrite.Error("substitution", "the pattern names groups: use their names here, not numbers");
        return null;
    }

    // A duration, or Envoy's object with one.
    private static TimeSpan MaxStreamDuration(ObjectReader action)
    {
        const string key = "max_stream_duration";
        if (action.Take(key) is not { Kind: System.Text.Json.JsonValueKind.Object })
        {
            return action.Duration(key, TimeSpan.Zero, ZeroDuration.MeansNone);
        }

        var limits = action.Object(key)!;
        var longest = limits.Duration(key, TimeSpan.Zero, ZeroDuration.MeansNone);
        limits.Finish();
        return longest;
    }
}
