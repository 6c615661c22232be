using System.Text.Json.Nodes;
using Outrider.Configuration.Json;

namespace Outrider.Configuration.Shapes;

/// <summary>An object in a document.</summary>
internal sealed class ShapePlace
{
    private readonly JsonNode _document;
    private readonly List<(string? Key, int Index)> _steps = [];

    /// <param name="document">The document. Not changed.</param>
    /// <param name="node">The object, in the same document.</param>
    public ShapePlace(JsonNode document, ConfigurationNode node)
    {
        _document = document;
        for (var one = node; one.Parent is { } parent; one = parent)
        {
            _steps.Insert(0, (one.Key, one.Key is null ? IndexOf(parent, one) : -1));
        }
    }

    /// <summary>Another document, which has these values in the object.</summary>
    public JsonNode With(params ReadOnlySpan<(string Key, JsonNode? Value)> values)
    {
        var copy = _document.DeepClone();
        foreach (var (key, value) in values)
        {
            Walk(copy).AsObject()[key] = value?.DeepClone();
        }

        return copy;
    }

    /// <summary>The object in a document of the same form.</summary>
    public ConfigurationNode Find(ConfigurationNode root)
        => _steps.Aggregate(root, static (node, step) => step.Key is { } key ? node.Members.Last(member => member.Name == key).Value : node.Items[step.Index]);

    private static int IndexOf(ConfigurationNode array, ConfigurationNode item)
    {
        for (int i = 0; i < array.Items.Count; i++)
        {
            if (ReferenceEquals(array.Items[i], item))
            {
                return i;
            }
        }

        return -1;
    }

    private JsonNode Walk(JsonNode root) => _steps.Aggregate(root, static (node, step) => step.Key is { } key ? node[key]! : node[step.Index]!);
}
