using System.Text.Json;
using Outrider.Assemblies.Swapping;
using Outrider.Filters;

namespace Outrider.Envoy.Hosted;

/// <summary>
/// What a configuration of Envoy's says (<c>filter_config</c>, a Struct): <c>assembly</c>, the file; <c>config</c>, the filter's own; <c>hot</c>.
/// </summary>
/// <param name="Path">Full path of the assembly; a relative one begins at the folder that Envoy runs in.</param>
/// <param name="Config">The filter's own configuration, UTF-8 JSON; empty for none.</param>
/// <param name="IsHot">Does it follow its file?</param>
internal sealed record HostedEntry(string Path, byte[] Config, bool IsHot)
{
    /// <exception cref="FilterConfigurationException">It is wrong.</exception>
    internal static HostedEntry Read(FilterConfiguration configuration)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(configuration.Json.IsEmpty ? "{}"u8.ToArray() : configuration.Json);
        }
        catch (JsonException e)
        {
            throw new FilterConfigurationException("$", "wanted an object (google.protobuf.Struct) with the path of an \"assembly\" and the filter's \"config\"", e);
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new FilterConfigurationException("$", "wanted an object (google.protobuf.Struct) with the path of an \"assembly\" and the filter's \"config\"");
            }

            string? path = null;
            byte[] config = [];
            bool isHot = true;
            foreach (var member in document.RootElement.EnumerateObject())
            {
                switch (member.Name)
                {
                    case "assembly":
                        path = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() : throw new FilterConfigurationException("$.assembly", "wanted the path of a .NET assembly");
                        break;
                    case "config":
                        config = System.Text.Encoding.UTF8.GetBytes(member.Value.GetRawText());
                        break;
                    case "hot":
                        isHot = JsonSwitch.Read(member.Value) ?? throw new FilterConfigurationException("$.hot", JsonSwitch.Wanted);
                        break;
                    default:
                        throw new FilterConfigurationException("$." + member.Name, "unknown key; wanted assembly, config and hot");
                }
            }

            return new HostedEntry(
                string.IsNullOrEmpty(path) ? throw new FilterConfigurationException("$.assembly", "wanted the path of a .NET assembly") : System.IO.Path.GetFullPath(path, configuration.BaseDirectory),
                config,
                isHot);
        }
    }
}
