using System.Text.Json;

namespace Outrider.Configuration.Json;

/// <summary>Builds the tree of a <see cref="ConfigurationDocument"/>.</summary>
internal static class ConfigurationParser
{
    /// <summary>Reads the value that the reader stands on. Recursion is bounded by <see cref="ConfigurationDocument.MaxDepth"/>.</summary>
    public static ConfigurationNode Read(ConfigurationDocument document, ref Utf8JsonReader reader)
        => Read(document, ref reader, null, null, -1);

    private static ConfigurationNode Read(ConfigurationDocument document, ref Utf8JsonReader reader, ConfigurationNode? parent, string? key, int index)
    {
        var node = new ConfigurationNode(document, parent, key, index, KindOf(reader.TokenType), (int)reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                List<ConfigurationMember> members = [];
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    string name = reader.GetString()!;
                    int start = (int)reader.TokenStartIndex;
                    reader.Read();
                    members.Add(new ConfigurationMember(name, start, Read(document, ref reader, node, name, -1)));
                }

                node.Members = members;
                break;
            case JsonTokenType.StartArray:
                List<ConfigurationNode> items = [];
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(Read(document, ref reader, node, null, items.Count));
                }

                node.Items = items;
                break;
            case JsonTokenType.String:
                node.Text = reader.GetString()!;
                break;
        }

        node.End = (int)reader.BytesConsumed;
        return node;
    }

    private static JsonValueKind KindOf(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => JsonValueKind.Object,
        JsonTokenType.StartArray => JsonValueKind.Array,
        JsonTokenType.String => JsonValueKind.String,
        JsonTokenType.Number => JsonValueKind.Number,
        JsonTokenType.True => JsonValueKind.True,
        JsonTokenType.False => JsonValueKind.False,
        _ => JsonValueKind.Null,
    };
}
