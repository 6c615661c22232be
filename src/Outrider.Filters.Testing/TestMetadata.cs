using System.Text.Json;
using System.Text.Json.Nodes;

namespace Outrider.Filters.Testing;

/// <summary>A stream's metadata in memory. On the host's loop.</summary>
internal sealed class TestMetadata(StreamRun run) : StreamMetadata
{
    private readonly Dictionary<string, JsonObject> _values = new(StringComparer.Ordinal);

    public override string? GetText(string ns, string key, MetadataSource source = MetadataSource.Stream)
        => Find(ns, key, source) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public override double? GetNumber(string ns, string key, MetadataSource source = MetadataSource.Stream)
        => Find(ns, key, source) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : null;

    public override bool? GetFlag(string ns, string key, MetadataSource source = MetadataSource.Stream)
        => Find(ns, key, source) is { ValueKind: JsonValueKind.True or JsonValueKind.False } value ? value.GetBoolean() : null;

    public override void Set(string ns, string key, string value) => Of(ns)[key] = value;

    public override void Set(string ns, string key, double value) => Of(ns)[key] = value;

    public override void Set(string ns, string key, bool value) => Of(ns)[key] = value;

    public override IReadOnlyList<object?>? GetList(string ns, string key, MetadataSource source = MetadataSource.Stream)
        => Find(ns, key, source) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Select(ValueOf)] : null;

    public override void Append(string ns, string key, string value) => ListOf(ns, key).Add((JsonNode)value);

    public override void Append(string ns, string key, double value) => ListOf(ns, key).Add((JsonNode)value);

    public override void Append(string ns, string key, bool value) => ListOf(ns, key).Add((JsonNode)value);

    public override void Merge(string ns, JsonElement values)
    {
        if (values.ValueKind != JsonValueKind.Object)
        {
            throw new ArgumentException("metadata is an object", nameof(values));
        }

        foreach (var member in values.EnumerateObject())
        {
            Of(ns)[member.Name] = JsonNode.Parse(member.Value.GetRawText());
        }
    }

    internal IReadOnlyDictionary<string, IReadOnlyDictionary<string, JsonElement>> Copy() => _values.ToDictionary(
        space => space.Key,
        space => (IReadOnlyDictionary<string, JsonElement>)space.Value.ToDictionary(value => value.Key, value => ElementOf(value.Value), StringComparer.Ordinal),
        StringComparer.Ordinal);

    private static object? ValueOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private static JsonElement ElementOf(JsonNode? node) => JsonDocument.Parse(node?.ToJsonString() ?? "null").RootElement;

    private JsonElement? Find(string ns, string key, MetadataSource source)
    {
        if (source == MetadataSource.Stream)
        {
            return _values.TryGetValue(ns, out var values) && values.TryGetPropertyValue(key, out var node) ? ElementOf(node) : null;
        }

        return source == MetadataSource.Route && run.Route.Current is { } route && route.Metadata.TryGetProperty(ns, out var space)
            && space.ValueKind == JsonValueKind.Object && space.TryGetProperty(key, out var value) ? value : null;
    }

    private JsonObject Of(string ns)
    {
        if (!_values.TryGetValue(ns, out var values))
        {
            _values.Add(ns, values = []);
        }

        return values;
    }

    private JsonArray ListOf(string ns, string key)
    {
        var values = Of(ns);
        if (!values.TryGetPropertyValue(key, out var there))
        {
            values[key] = there = new JsonArray();
        }

        return there as JsonArray ?? throw new InvalidOperationException($"'{key}' of '{ns}' is no list");
    }
}
