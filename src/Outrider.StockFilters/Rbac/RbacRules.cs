using Outrider.Filters;

namespace Outrider.StockFilters.Rbac;

/// <summary>Rules, ready for use. Any thread.</summary>
internal sealed class RbacRules
{
    private readonly List<(string Name, RbacTest Fits)> _policies = [];

    /// <exception cref="FilterConfigurationException">Something is wrong with them.</exception>
    internal RbacRules(string path, RulesSettings settings)
    {
        Action = settings.Action;
        foreach (var (name, policy) in (settings.Policies ?? []).OrderBy(policy => policy.Key, StringComparer.Ordinal))
        {
            string at = $"{path}.policies.{name}";
            _policies.Add((name, (policy ?? throw new FilterConfigurationException(at, "wanted an object")).Compile(at)));
        }
    }

    /// <summary>What happens to a request that a policy fits.</summary>
    internal RbacAction Action { get; }

    /// <summary>May the request pass?</summary>
    /// <param name="stream">Its stream.</param>
    /// <param name="headers">Its head.</param>
    /// <param name="policy">The first policy that fits; null for none.</param>
    internal bool Allows(StreamContext stream, RequestHeaders headers, out string? policy)
    {
        policy = null;
        foreach (var (name, fits) in _policies)
        {
            if (fits(stream, headers))
            {
                policy = name;
                break;
            }
        }

        return Action == RbacAction.Log || policy is not null == (Action == RbacAction.Allow);
    }
}
