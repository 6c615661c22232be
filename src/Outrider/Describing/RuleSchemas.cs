using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Outrider.Filters;

namespace Outrider.Describing;

/// <summary>What the attributes of a configuration's properties ask for (<see cref="ConfigurationRules"/>), as keywords of JSON Schema.</summary>
internal static class RuleSchemas
{
    /// <summary>The schema of a property with what its attributes say.</summary>
    internal static JsonNode Add(JsonPropertyInfo property, JsonNode schema)
    {
        foreach (var rule in ConfigurationRules.Of(property))
        {
            // Anything at all is true.
            schema = schema as JsonObject ?? [];
            Add(rule, ConfigurationRules.IsOfItems(rule, property.PropertyType) ? Items((JsonObject)schema) : (JsonObject)schema, property);
        }

        return schema;
    }

    /// <summary>Adds to the schema of an object which of its members have to be there.</summary>
    internal static void AddRequired(JsonTypeInfo type, JsonNode schema)
    {
        if (type.Kind != JsonTypeInfoKind.Object || schema is not JsonObject members || !members.ContainsKey("properties"))
        {
            return;
        }

        foreach (var property in type.Properties.Where(static property => ConfigurationRules.Of(property).Any(static rule => rule is RequiredAttribute)))
        {
            if (members["required"] is not JsonArray required)
            {
                members["required"] = required = [];
            }

            if (!required.Any(one => one?.GetValue<string>() == property.Name))
            {
                required.Add(property.Name);
            }
        }
    }

    private static void Add(Attribute rule, JsonObject schema, JsonPropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        switch (rule)
        {
            case ConfigurationRuleAttribute own:
                own.Describe(schema);
                break;
            case RequiredAttribute required:
                AddPresence(schema, mayBeEmpty: required.AllowEmptyStrings);
                break;
            case AllowedValuesAttribute allowed:
                schema["enum"] = new JsonArray([.. allowed.Values.Select(value => value is Enum ? Word(value, property) : Value(value))]);
                break;
            case RangeAttribute range:
                AddBound(schema, range.MinimumIsExclusive ? "exclusiveMinimum" : "minimum", NumberRange.Bound(range.Minimum, type));
                AddBound(schema, range.MaximumIsExclusive ? "exclusiveMaximum" : "maximum", NumberRange.Bound(range.Maximum, type));
                break;
            case StringLengthAttribute length:
                AddLength(schema, length.MinimumLength, length.MaximumLength);
                break;
            case LengthAttribute length:
                AddLength(schema, length.MinimumLength, length.MaximumLength);
                break;
            case MinLengthAttribute length:
                AddLength(schema, length.Length, int.MaxValue);
                break;
            case MaxLengthAttribute { Length: >= 0 } length:
                AddLength(schema, 0, length.Length);
                break;
        }
    }

    private static JsonObject Items(JsonObject schema)
    {
        string key = schema.ContainsKey("additionalProperties") ? "additionalProperties" : "items";
        if (schema[key] is not JsonObject items)
        {
            schema[key] = items = [];
        }

        return items;
    }

    private static void AddPresence(JsonObject schema, bool mayBeEmpty)
    {
        if (schema["type"] is JsonArray types)
        {
            string[] others = [.. types.Select(static one => one!.GetValue<string>()).Where(static one => one != "null")];
            schema["type"] = others is [var only] ? only : new JsonArray([.. others.Select(static one => (JsonNode?)one)]);
        }

        if (!mayBeEmpty && schema["type"]?.ToString() == "string" && !schema.ContainsKey("pattern"))
        {
            schema["pattern"] = @"\S";
        }
    }

    private static void AddBound(JsonObject schema, string keyword, object? bound)
    {
        if (bound is not null)
        {
            schema[keyword] = Value(bound);
        }
    }

    private static void AddLength(JsonObject schema, int minimum, int maximum)
    {
        string of = schema.ContainsKey("additionalProperties") ? "Properties" : schema.ContainsKey("items") ? "Items" : "Length";
        if (minimum > 0)
        {
            schema["min" + of] = minimum;
        }

        if (maximum < int.MaxValue)
        {
            schema["max" + of] = maximum;
        }
    }

    // As it is written in a configuration: what an attribute can hold is a text, a flag or a number.
    private static JsonNode? Value(object? value) => value switch
    {
        null => null,
        string text => text,
        bool flag => flag,
        double or float => Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture) is var number && Math.Abs(number) < 1L << 53 && number == Math.Floor(number) ? (long)number : number,
        ulong number => number,
        _ => Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture),
    };

    // An enumeration's value as its converter writes it.
    private static JsonNode? Word(object value, JsonPropertyInfo property)
        => JsonSerializer.SerializeToNode(value, (property.CustomConverter is { } own ? new JsonSerializerOptions(property.Options) { Converters = { own } } : property.Options).GetTypeInfo(value.GetType()));
}
