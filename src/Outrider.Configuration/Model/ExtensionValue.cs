using System.Text.Json;
using Outrider.Configuration.Problems;

namespace Outrider.Configuration.Model;

/// <summary>A value that an extension reads, and nobody else: what it means, the extension alone knows.</summary>
/// <param name="Json">Its text, UTF-8, one whole value. Not copied; never changed.</param>
/// <param name="Origin">Where it comes from.</param>
internal sealed record ExtensionValue(ReadOnlyMemory<byte> Json, Origin Origin)
{
    /// <summary>Is it an object?</summary>
    public bool IsObject
    {
        get
        {
            var reader = new Utf8JsonReader(Json.Span);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject;
        }
    }

    /// <summary>Is it an object with members, or an array with elements?</summary>
    public bool HasContent
    {
        get
        {
            var reader = new Utf8JsonReader(Json.Span);
            return reader.Read() && reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray
                && reader.Read() && reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray);
        }
    }
}
