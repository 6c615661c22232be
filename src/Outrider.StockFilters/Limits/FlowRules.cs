using System.Text;
using Outrider.Filters;

namespace Outrider.StockFilters.Limits;

/// <summary>The rules by the resource that they are for. Any thread.</summary>
internal sealed class FlowRules
{
    private readonly Dictionary<string, FlowResource> _resources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FlowResource>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

    /// <exception cref="FilterConfigurationException">One of them is wrong.</exception>
    internal FlowRules(FlowRuleConfig[] rules)
    {
        for (int i = 0; i < rules.Length; i++)
        {
            (rules[i] ?? throw new FilterConfigurationException($"$.rules[{i}]", "wanted an object")).Validate($"$.rules[{i}]");
        }

        foreach (var group in rules.GroupBy(rule => rule.Resource!, StringComparer.Ordinal))
        {
            _resources.Add(group.Key, new FlowResource(group.Key, [.. group.Where(rule => rule.Grade == 0)], [.. group.Where(rule => rule.Grade == 1)]));
        }

        _bySpan = _resources.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The resource of that name; null when no rule is for it. Allocates nothing for names of up to 512 bytes.</summary>
    internal FlowResource? Find(ReadOnlySpan<byte> name)
    {
        if (_resources.Count == 0)
        {
            return null;
        }

        Span<char> characters = name.Length <= 512 ? stackalloc char[name.Length] : new char[name.Length];
        return _bySpan.TryGetValue(characters[..Encoding.Latin1.GetChars(name, characters)], out var found) ? found : null;
    }
}
