using System.Text.Json;
using Outrider.Filters;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary>What became of resources, as JSON.</summary>
internal static class ResourceAnswer
{
    /// <summary>An array with an object for each; 200 when all are in force, otherwise 400.</summary>
    public static AdminResponse Of(IReadOnlyList<ConfigurationResourceResult> results)
        => AdminResponse.Json(writer => Write(writer, results), results.All(static result => result.IsAccepted) ? 200 : 400);

    private static void Write(Utf8JsonWriter writer, IReadOnlyList<ConfigurationResourceResult> results)
    {
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
    }
}
