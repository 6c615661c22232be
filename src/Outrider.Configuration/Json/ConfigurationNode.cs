using System.Text;
using System.Text.Json;
using Outrider.Configuration.Problems;

namespace Outrider.Configuration.Json;

/// <summary>One value of a configuration file, and where it stands. Immutable once parsed.</summary>
internal sealed class ConfigurationNode : Origin
{
    private const int MaxShown = 60;

    private readonly ConfigurationNode? _parent;
    private readonly string? _key;
    private readonly int _index;

    internal ConfigurationNode(ConfigurationDocument document, ConfigurationNode? parent, string? key, int index, JsonValueKind kind, int start)
    {
        Document = document;
        _parent = parent;
        _key = key;
        _index = index;
        Kind = kind;
        Start = start;
    }

    /// <summary>The file that it stands in.</summary>
    public ConfigurationDocument Document { get; }

    /// <summary>The object or array that it stands in; null for the root.</summary>
    public ConfigurationNode? Parent => _parent;

    /// <summary>Its key in the object that it stands in; null for the root and for elements of arrays.</summary>
    public string? Key => _key;

    /// <summary>What it is.</summary>
    public JsonValueKind Kind { get; }

    /// <summary>Offset of its first byte in the document.</summary>
    public int Start { get; }

    /// <summary>Offset behind its last byte.</summary>
    public int End { get; internal set; }

    /// <summary>The text of a string, unescaped; empty for any other kind.</summary>
    public string Text { get; internal set; } = "";

    /// <summary>The elements of an array; empty for any other kind.</summary>
    public IReadOnlyList<ConfigurationNode> Items { get; internal set; } = [];

    /// <summary>The members of an object in the order of the file, repeated keys included; empty for any other kind.</summary>
    public IReadOnlyList<ConfigurationMember> Members { get; internal set; } = [];

    /// <summary>The bytes of this value in the file.</summary>
    public ReadOnlyMemory<byte> Json => Document.Bytes[Start..End];

    /// <inheritdoc/>
    public override string Folder => Document.Folder;

    /// <inheritdoc/>
    public override (int Line, int Column) Position => Document.PositionOf(Start);

    /// <inheritdoc/>
    public override string Path
    {
        get
        {
            var path = new StringBuilder();
            AppendPath(path);
            return path.ToString();
        }
    }

    /// <inheritdoc/>
    public override string PathOf(string key)
    {
        var path = new StringBuilder();
        AppendPath(path);
        AppendKey(path, key);
        return path.ToString();
    }

    /// <inheritdoc/>
    public override ConfigurationProblem Problem(string message) => Document.ProblemAt(Start, Path, message);

    /// <inheritdoc/>
    public override string Describe() => Kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "the string " + Shown(),
        JsonValueKind.Number => "the number " + Shown(),
        _ => Shown(),
    };

    /// <summary>The member with that key: the same letters first, else in any case; the last one when it repeats. Null when there is none.</summary>
    public ConfigurationNode? Find(string key)
    {
        ConfigurationNode? similar = null;
        for (int i = Members.Count - 1; i >= 0; i--)
        {
            if (Members[i].Name == key)
            {
                return Members[i].Value;
            }

            similar ??= string.Equals(Members[i].Name, key, StringComparison.OrdinalIgnoreCase) ? Members[i].Value : null;
        }

        return similar;
    }

    /// <inheritdoc/>
    public override Origin At(string path) => FindDeepest(path);

    /// <summary>As <see cref="At"/>: the node.</summary>
    public ConfigurationNode FindDeepest(string path)
    {
        ConfigurationNode node = this;
        var steps = new JsonPathSteps(path);
        while (steps.MoveNext())
        {
            ConfigurationNode? next = steps.Index >= 0
                ? (steps.Index < node.Items.Count ? node.Items[steps.Index] : null)
                : node.Find(steps.Key);
            if (next is null)
            {
                break;
            }

            node = next;
        }

        return node;
    }

    // As it is written in the file, escapes and all: what the reader will search for, and no control character in a log line.
    private string Shown()
    {
        string text = Encoding.UTF8.GetString(Json.Span);
        return text.Length <= MaxShown ? text : text[..MaxShown] + "…";
    }

    private void AppendPath(StringBuilder path)
    {
        _parent?.AppendPath(path);
        if (_key is not null)
        {
            AppendKey(path, _key);
        }
        else if (_index >= 0)
        {
            path.Append('[').Append(_index).Append(']');
        }
    }

    private static void AppendKey(StringBuilder path, string key)
    {
        if (key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
        {
            path.Append(path.Length > 0 ? "." : "").Append(key);
        }
        else
        {
            path.Append("['").Append(string.Concat(key.Select(c => char.IsControl(c) ? "\uFFFD" : c.ToString()))).Append("']");
        }
    }
}
