using System.Text.Json;

namespace Outrider.Filters;

/// <summary>
/// Says a path as the configuration spells it. Messages that are read in either of protobuf's spellings tell paths in one (<c>$.shadowRules</c>), and whoever wrote the other
/// (<c>shadow_rules</c>) looks for that.
/// </summary>
internal static class PathSpelling
{
    /// <summary>The path; as it was from where the configuration has no such member.</summary>
    internal static string In(ReadOnlyMemory<byte> json, string path)
    {
        if (json.IsEmpty || !path.StartsWith("$.", StringComparison.Ordinal))
        {
            return path;
        }

        try
        {
            using var document = JsonDocument.Parse(json);
            return "$" + Rest(document.RootElement, path[1..]);
        }
        catch (JsonException)
        {
            return path;
        }
    }

    private static string Rest(JsonElement at, string rest)
    {
        if (at.ValueKind == JsonValueKind.Array && rest.StartsWith('[') && rest.IndexOf(']') is > 0 and var end
            && int.TryParse(rest.AsSpan(1, end - 1), out int index) && index < at.GetArrayLength())
        {
            return rest[..(end + 1)] + Rest(at[index], rest[(end + 1)..]);
        }

        if (at.ValueKind != JsonValueKind.Object || !rest.StartsWith('.'))
        {
            return rest;
        }

        // Names that people choose may have dots in them: the longest that fits is meant.
        string name = rest[1..];
        JsonProperty? found = null;
        int length = 0;
        foreach (var member in at.EnumerateObject())
        {
            foreach (string spelled in (ReadOnlySpan<string>)[member.Name, Camel(member.Name)])
            {
                if (spelled.Length > length && name.StartsWith(spelled, StringComparison.Ordinal) && (name.Length == spelled.Length || name[spelled.Length] is '.' or '['))
                {
                    (found, length) = (member, spelled.Length);
                }
            }
        }

        return found is { } one ? "." + one.Name + Rest(one.Value, name[length..]) : rest;
    }

    private static string Camel(string name)
    {
        string[] parts = name.Split('_');
        return parts[0] + string.Concat(parts.Skip(1).Select(part => part.Length == 0 ? "_" : char.ToUpperInvariant(part[0]) + part[1..]));
    }
}
