using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Outrider.Filters;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary>What became of resources, as JSON.</summary>
internal static class ResourceAnswer
{
    private static readonly JsonWriterOptions s_options = new() { Indented = true, IndentSize = 1, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An array with an object for each; 200 when all are in force, otherwise 400.</summary>
    public static AdminResponse Of(IReadOnlyList<ConfigurationResourceResult> results)
    {
        var json = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(json, s_options);
        writer.WriteStartArray();
        foreach (var result in results)
        {
            writer.WriteStartObject();
            writer.WriteString("kind", result.Kind.ToString().ToLowerInvariant());
            writer.WriteString("name", result.Name);
            writer.WriteBoolean("accepted", result.IsAccepted);
            if (!result.IsAccepted)
            {
                writer.WriteStartArray("problems");
                foreach (string problem in result.Problems)
                {
                    writer.WriteStringValue(problem);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.Flush();
        return AdminResponse.Json(json.WrittenMemory, results.All(static result => result.IsAccepted) ? 200 : 400);
    }
}
