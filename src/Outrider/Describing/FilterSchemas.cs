using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Outrider.Configuration.Shapes;
using Outrider.Filters;
using Outrider.StockFilters.Messages;

namespace Outrider.Describing;

/// <summary>The JSON Schema of what each stream filter is configured with, made of the types that its configuration is read as.</summary>
internal static class FilterSchemas
{
    private static readonly JsonSchemaExporterOptions s_options = new() { TreatNullObliviousAsNonNullable = false, TransformSchemaNode = Transform };

    /// <summary>Each filter's, by its name. A filter whose configuration has no type of its own has none.</summary>
    internal static SortedDictionary<string, JsonNode> Of(StreamFilterRegistry filters)
    {
        var schemas = new SortedDictionary<string, JsonNode>(StringComparer.Ordinal);
        foreach (string name in filters.Names)
        {
            if (TypeOf(filters, name) is { } type)
            {
                string place = "#/$defs/" + ConfigurationSchema.DefinitionOf(name);
                schemas.Add(name, Relocated(Export(type), place));
            }
        }

        return schemas;
    }

    // What it reads its configuration as is known when it has done so; whether an empty one will do for it is another matter.
    private static JsonTypeInfo? TypeOf(StreamFilterRegistry filters, string name)
    {
        JsonTypeInfo? type = null;
        try
        {
            var factory = filters.Find(name)!(new FilterConfiguration(name, "{}"u8.ToArray(), "/") { HasHosts = true, OnRead = read => type ??= read });
            (factory as IDisposable)?.Dispose();
        }
        catch (FilterConfigurationException)
        {
            // As was to be expected of one that wants more than nothing.
        }

        return type;
    }

    private static JsonNode Export(JsonTypeInfo type)
        => ConverterOf(type) is IEnvoyMessage message ? EnvoySpellings.Add(Export(message.Type), message.Maps) : type.GetJsonSchemaAsNode(s_options);

    private static System.Text.Json.Serialization.JsonConverter? ConverterOf(JsonTypeInfo type) => type.Kind == JsonTypeInfoKind.None ? type.Converter : null;

    private static JsonNode Transform(JsonSchemaExporterContext context, JsonNode schema)
    {
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        if (type == typeof(TimeSpan))
        {
            // GoDurationConverter: text, or a number of nanoseconds.
            schema = new JsonObject { ["type"] = new JsonArray("string", "integer", "null"), ["pattern"] = ValueSchema.DurationPattern };
        }

        RuleSchemas.AddRequired(context.TypeInfo, schema);
        if (context.PropertyInfo is { } property)
        {
            schema = RuleSchemas.Add(property, schema);
        }

        if (context.PropertyInfo?.AttributeProvider is System.Reflection.MemberInfo member && XmlSummaries.Of(member) is { } summary)
        {
            var described = schema as JsonObject ?? [];
            if (!described.ContainsKey("$ref"))
            {
                described.Insert(0, "description", summary);
                schema = described;
            }
        }

        return schema;
    }

    // The exporter's references begin at its own root.
    private static JsonNode Relocated(JsonNode schema, string place)
    {
        switch (schema)
        {
            case JsonArray items:
                return new JsonArray([.. items.Select(item => item is null ? null : Relocated(item, place))]);
            case JsonObject members:
                return new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, member switch
                {
                    { Key: "$ref", Value: JsonValue reference } => (JsonNode?)(place + reference.GetValue<string>()[1..]),
                    { Value: null } => null,
                    _ => Relocated(member.Value, place),
                })));
            default:
                return schema.DeepClone();
        }
    }
}
