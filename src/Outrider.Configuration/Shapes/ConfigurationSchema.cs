using System.Text.Json.Nodes;

namespace Outrider.Configuration.Shapes;

/// <summary>The JSON Schema (draft 2020-12) of a configuration file, made of what is asked of one when it is read.</summary>
internal sealed class ConfigurationSchema
{
    /// <summary>The draft.</summary>
    public const string Draft = "https://json-schema.org/draft/2020-12/schema";

    // An object with fewer keys stands where it is.
    private const int LeastOfDefinition = 3;

    private readonly IReadOnlyDictionary<string, ObjectShape> _shapes;
    private readonly IReadOnlyDictionary<string, JsonNode> _filters;
    private readonly Func<string, string, string?> _describe;
    private readonly JsonObject _definitions = [];
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    private ConfigurationSchema(IReadOnlyDictionary<string, ObjectShape> shapes, IReadOnlyDictionary<string, JsonNode> filters, Func<string, string, string?> describe)
    {
        _shapes = shapes;
        _filters = filters;
        _describe = describe;
    }

    /// <summary>Makes it.</summary>
    /// <param name="shapes">What may stand where (<see cref="ShapeExplorer"/>).</param>
    /// <param name="filters">The schema of each stream filter's configuration, by the filter's name; references in it begin at <c>#/$defs/filter.NAME</c>.</param>
    /// <param name="describe">What people are told of a key of the object with an id; null where there is nothing.</param>
    public static JsonObject Make(IReadOnlyDictionary<string, ObjectShape> shapes, IReadOnlyDictionary<string, JsonNode> filters, Func<string, string, string?> describe)
    {
        var schema = new ConfigurationSchema(shapes, filters, describe);
        foreach (var (name, filter) in filters)
        {
            schema._definitions[DefinitionOf(name)] = filter.DeepClone();
        }

        var root = schema.Object(shapes[""]);
        var whole = new JsonObject { ["$schema"] = Draft, ["title"] = "Outrider's configuration", ["description"] = "MOSN's format, with keys of Outrider's own: docs/configuration.md" };
        foreach (var (key, value) in root)
        {
            whole[key] = value?.DeepClone();
        }

        whole["$defs"] = schema._definitions;
        return whole;
    }

    /// <summary>Where the schema of a filter's configuration stands among the definitions.</summary>
    public static string DefinitionOf(string filter) => "filter." + filter;

    private JsonObject Reference(ObjectShape shape)
    {
        var schema = Object(shape);
        if (shape.Members.Count < LeastOfDefinition)
        {
            return schema;
        }

        string text = schema.ToJsonString();
        if (!_names.TryGetValue(text, out string? name))
        {
            name = NameOf(shape.Id);
            _names.Add(text, name);
            _definitions[name] = schema;
        }

        return new JsonObject { ["$ref"] = "#/$defs/" + name };
    }

    // "cluster" of /cluster_manager/clusters[]; with what it stands in where another has that name.
    private string NameOf(string id)
    {
        string[] steps = [.. id.Replace("[]", "", StringComparison.Ordinal).Replace("<", ".", StringComparison.Ordinal).Replace(">", "", StringComparison.Ordinal).Split('/').Skip(1)];
        for (int count = 1; ; count++)
        {
            string name = count <= steps.Length ? string.Join('.', steps[^count..]) : $"{steps[^1]}.{count}";
            if (!_definitions.ContainsKey(name))
            {
                return name;
            }
        }
    }

    private JsonObject Object(ObjectShape shape)
    {
        var schema = new JsonObject { ["type"] = "object" };
        var properties = new JsonObject();
        foreach (var group in shape.Members.Values.GroupBy(static member => member.Key, StringComparer.Ordinal))
        {
            bool isRequired = shape.Required.Contains(group.Key);
            properties[group.Key] = group.First().Way.Length > 0 ? new JsonObject() : Described(Member(group.First(), isRequired), shape, group.First());
        }

        if (shape.Id.EndsWith("/per_filter_config", StringComparison.Ordinal))
        {
            foreach (string name in _filters.Keys)
            {
                properties[name] = FilterReference(name);
            }
        }

        if (properties.Count > 0)
        {
            schema["properties"] = properties;
        }

        if (shape.IsClosed && properties.Count > 0)
        {
            // Keys are compared without case; of one in another case only that it is there is looked at.
            schema["patternProperties"] = new JsonObject { [ValueSchema.InAnyCase(properties.Select(static property => property.Key))] = new JsonObject() };
        }

        if (shape.Required.Count > 0)
        {
            schema["anyOf"] = Required(shape.Required);
        }

        if (shape.IsClosed || shape.Others != ValueKinds.All)
        {
            schema["additionalProperties"] = shape.IsClosed ? false : ValueSchema.OfKinds(shape.Others);
        }

        if (Conditions(shape) is { Count: > 0 } conditions)
        {
            schema["allOf"] = conditions;
        }

        return schema;
    }

    // That they are all there, or all there in some case of letters, which schemas can only say the long way round.
    private static JsonArray Required(IReadOnlyCollection<string> keys) =>
    [
        new JsonObject { ["required"] = new JsonArray([.. keys.Select(static key => (JsonNode?)key)]) },
        new JsonObject
        {
            ["allOf"] = new JsonArray([.. keys.Select(static key => new JsonObject
            {
                ["not"] = new JsonObject { ["propertyNames"] = new JsonObject { ["not"] = new JsonObject { ["pattern"] = ValueSchema.InAnyCase([key]) } } },
            })]),
        },
    ];

    // What a key may hold that is read in several ways.
    private JsonArray Conditions(ObjectShape shape)
    {
        var conditions = new JsonArray();
        foreach (var member in shape.Members.Values.Where(static member => member.Way.Length > 0))
        {
            var dependence = Dependence.All.First(one => one.Of == member.Key && shape.Id.EndsWith(one.Owner, StringComparison.Ordinal));
            string way = member.Way[1..^1];
            if (dependence.Ways.TryGetValue(way, out string[]? values))
            {
                conditions.Add(When(dependence.On, values, dependence.ForAbsent == way, member.Key, Member(member, isRequired: false)));
            }
        }

        if (shape.Id.EndsWith("/stream_filters[]", StringComparison.Ordinal) && shape.Members.ContainsKey(("config", "")))
        {
            foreach (string name in _filters.Keys)
            {
                conditions.Add(When("type", [name], forAbsent: false, "config", FilterReference(name)));
            }
        }

        return conditions;
    }

    private static JsonObject FilterReference(string name) => ValueSchema.OrNull(new JsonObject { ["$ref"] = "#/$defs/" + DefinitionOf(name) });

    private static JsonObject When(string key, string[] values, bool forAbsent, string of, JsonObject schema)
    {
        var said = new JsonObject { ["enum"] = new JsonArray([.. values.Concat(forAbsent ? [""] : []).Select(static value => (JsonNode?)value), .. forAbsent ? (JsonNode?[])[null] : []]) };
        var condition = new JsonObject { ["properties"] = new JsonObject { [key] = said } };
        if (!forAbsent)
        {
            condition["required"] = new JsonArray(key);
        }

        return new JsonObject { ["if"] = condition, ["then"] = new JsonObject { ["properties"] = new JsonObject { [of] = schema } } };
    }

    private JsonObject Member(MemberShape member, bool isRequired)
    {
        bool isObject = _shapes.TryGetValue(member.Id, out var shape), hasObjects = _shapes.TryGetValue(member.Id + "[]", out var item);
        var value = new ValueSchema(member, isObject ? Reference(shape!) : null, hasObjects ? Reference(item!) : null);
        return value.Make(isRequired);
    }

    private JsonObject Described(JsonObject schema, ObjectShape shape, MemberShape member)
    {
        string? text = _describe(shape.Id, member.Key);
        bool isIgnored = ValueSchema.IsWithoutEffect(member, out string? why);
        if ((text ?? why) is not { } said)
        {
            return schema;
        }

        var described = schema.ContainsKey("$ref") ? new JsonObject { ["allOf"] = new JsonArray(schema) } : schema;
        described.Insert(0, "description", said);
        if (isIgnored)
        {
            described["deprecated"] = true;
        }

        return described;
    }
}
