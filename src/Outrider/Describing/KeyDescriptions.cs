using System.Text.RegularExpressions;

namespace Outrider.Describing;

/// <summary>What <c>docs/configuration.md</c>, which the program carries, says of keys in its tables.</summary>
internal sealed partial class KeyDescriptions
{
    // Which objects a table is about: its heading, or the first cell of its head where that says more; and how their ids end.
    private static readonly Dictionary<string, string[]> s_tables = new(StringComparer.Ordinal)
    {
        ["The file"] = [""],
        ["metrics"] = ["/metrics"],
        ["servers[0]"] = ["/servers[]"],
        ["listeners[]"] = ["/listeners[]"],
        ["key of its config"] = ["/config<proxy>"],
        ["extend_config"] = ["/extend_config", "/Http1"],
        ["Http2"] = ["/extend_config/Http2"],
        ["routers[]"] = ["/servers[]/routers[]", "/config<connection_manager>"],
        ["virtual_hosts[]"] = ["/virtual_hosts[]"],
        ["Routes"] = ["/virtual_hosts[]/routers[]"],
        ["key of match"] = ["/routers[]/match"],
        ["key of route"] = ["/routers[]/route"],
        ["key of redirect"] = ["/redirect"],
        ["key of direct_response"] = ["/direct_response"],
        ["cluster_manager"] = ["/cluster_manager"],
        ["key of a cluster"] = ["/clusters[]"],
        ["key of a host"] = ["/hosts[]"],
        ["admin"] = ["/admin", "/admin/address/socket_address"],
    };

    private readonly Dictionary<(string Table, string Key), string> _texts = [];

    /// <summary>Reads the page.</summary>
    internal static KeyDescriptions Load()
    {
        using var stream = typeof(KeyDescriptions).Assembly.GetManifestResourceStream("configuration.md")!;
        using var reader = new StreamReader(stream);
        var descriptions = new KeyDescriptions();
        string heading = "", table = "";
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
            {
                heading = line.TrimStart('#', ' ');
            }
            else if (line.StartsWith("| key", StringComparison.Ordinal))
            {
                string first = Plain(Cells(line)[0]);
                table = s_tables.ContainsKey(first) ? first : heading;
            }
            else if (line.StartsWith("| `", StringComparison.Ordinal))
            {
                descriptions.Add(table, Cells(line));
            }
        }

        return descriptions;
    }

    /// <summary>What is said of a key of the object with an id; null where nothing is.</summary>
    internal string? Of(string id, string key)
    {
        foreach (var (table, ends) in s_tables)
        {
            if (Array.Exists(ends, end => end.Length == 0 ? id.Length == 0 : id.EndsWith(end, StringComparison.Ordinal)) && _texts.TryGetValue((table, key), out string? text))
            {
                return text;
            }
        }

        return null;
    }

    private void Add(string table, string[] cells)
    {
        string text = string.Join(". ", cells[1..].Select(Plain).Where(static cell => cell.Length > 0));
        foreach (Match name in Names().Matches(cells[0]))
        {
            string key = name.Groups[1].Value.Split('.')[^1].Replace("[]", "", StringComparison.Ordinal);
            if (text.Length > 0)
            {
                _ = _texts.TryAdd((table, key), text);
            }
        }
    }

    private static string[] Cells(string line) => [.. Bars().Split(line.Trim().Trim('|')).Select(static cell => cell.Trim())];

    // Links as their text, code as it stands.
    private static string Plain(string text) => Links().Replace(text, "$1").Replace("**", "", StringComparison.Ordinal).Replace("\\|", "|", StringComparison.Ordinal).Replace("`", "", StringComparison.Ordinal);

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Names();

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex Bars();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex Links();
}
