using Outrider.Configuration.Json;
using Outrider.Configuration.Model;

namespace Outrider.Configuration.Shapes;

/// <summary>A key whose value is read in another way for each value of another key of the same object.</summary>
/// <param name="Owner">How the ids of such objects end.</param>
/// <param name="On">The key that says how.</param>
/// <param name="Of">The key that is read so.</param>
/// <param name="Ways">The ways, each with the values that lead to it; any other value is a way without a name, of which nothing is known here.</param>
/// <param name="ForAbsent">The way where <paramref name="On"/> says nothing; null where it has to say something.</param>
internal sealed record Dependence(string Owner, string On, string Of, IReadOnlyDictionary<string, string[]> Ways, string? ForAbsent)
{
    /// <summary>All there are.</summary>
    public static IReadOnlyList<Dependence> All { get; } =
    [
        new("/filters[]", "type", "config", new Dictionary<string, string[]> { ["proxy"] = ["proxy"], ["tcp_proxy"] = ["tcp_proxy"], ["connection_manager"] = ["connection_manager"] }, null),
        new("/clusters[]", "lb_type", "lbconfig", new Dictionary<string, string[]> { ["built-in"] = [.. BalancerConfiguration.BuiltIn, "LB_ORIGINAL_DST"] }, "built-in"),
        new("/health_check", "protocol", "check_config", new Dictionary<string, string[]> { ["built-in"] = ["TCP", "Http1", "Http2", "gRPC"] }, "built-in"),
    ];

    /// <summary>The way in which a key of an object is read; empty where there is only one.</summary>
    /// <param name="owner">The object's id.</param>
    /// <param name="node">The object.</param>
    /// <param name="key">The key.</param>
    public static string WayOf(string owner, ConfigurationNode node, string key)
    {
        foreach (var one in All)
        {
            if (one.Of == key && owner.EndsWith(one.Owner, StringComparison.Ordinal))
            {
                string? said = node.Find(one.On)?.Text;
                string? way = string.IsNullOrEmpty(said) ? one.ForAbsent : one.Ways.FirstOrDefault(pair => pair.Value.Contains(said)).Key;
                return $"<{way ?? "other"}>";
            }
        }

        return "";
    }
}
