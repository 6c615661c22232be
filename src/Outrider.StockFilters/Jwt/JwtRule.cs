using Outrider.Filters;

namespace Outrider.StockFilters.Jwt;

/// <summary>Which requests need what. Any thread.</summary>
internal sealed class JwtRule
{
    private readonly Func<string, bool> _path;
    private readonly Func<RequestHeaders, bool>[] _headers;

    /// <exception cref="FilterConfigurationException">Something is wrong with it.</exception>
    internal JwtRule(string path, JwtRuleSettings? settings, Dictionary<string, JwtProvider> providers, Dictionary<string, JwtRequirementSettings> named)
    {
        var match = (settings ?? throw new FilterConfigurationException(path, "wanted an object")).Match!;
        _path = PathMatch(path + ".match", match);
        _headers = [.. (match.Headers ?? []).Select((header, i) => header.Compile($"{path}.match.headers[{i}]"))];
        if (settings.RequirementName.Length > 0)
        {
            Requirement = settings.Requires is null && named.TryGetValue(settings.RequirementName, out var found)
                ? new JwtRequirement($"$.requirementMap.{settings.RequirementName}", found, providers)
                : throw new FilterConfigurationException(path + ".requirementName", settings.Requires is null ? $"there is no requirement '{settings.RequirementName}'" : "not together with \"requires\"");
        }
        else if (settings.Requires is { } requires)
        {
            Requirement = new JwtRequirement(path + ".requires", requires, providers);
        }
    }

    /// <summary>What they need; null for nothing.</summary>
    internal JwtRequirement? Requirement { get; }

    /// <summary>Is the request one of them?</summary>
    /// <param name="headers">Its head.</param>
    /// <param name="path">Its path without the query.</param>
    internal bool Matches(RequestHeaders headers, string path) => _path(path) && Array.TrueForAll(_headers, matches => matches(headers));

    private static Func<string, bool> PathMatch(string path, JwtMatchSettings match)
    {
        var comparison = match.CaseSensitive ?? true ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        int given = (match.Prefix is null ? 0 : 1) + (match.Path is null ? 0 : 1) + (match.SafeRegex is null ? 0 : 1) + (match.PathSeparatedPrefix is null ? 0 : 1);
        if (given != 1)
        {
            throw new FilterConfigurationException(path, "wanted one of \"prefix\", \"path\", \"safeRegex\" and \"pathSeparatedPrefix\"");
        }

        if (match.Prefix is { } prefix)
        {
            return text => text.StartsWith(prefix, comparison);
        }

        if (match.Path is { } whole)
        {
            return text => text.Equals(whole, comparison);
        }

        if (match.PathSeparatedPrefix is { } part)
        {
            return text => text.StartsWith(part, comparison) && (text.Length == part.Length || text[part.Length] == '/');
        }

        return match.SafeRegex!.Compile(path + ".safeRegex").IsMatch;
    }
}
