using System.Text.Json;
using Outrider.Assemblies.Swapping;
using Outrider.Filters;

namespace Outrider.Envoy.Hosted;

/// <summary>
/// What a configuration of Envoy's says (<c>filter_config</c>, a Struct): <c>assembly</c>, the file; <c>config</c>, the filter's own; <c>hot</c>; <c>old_versions</c>.
/// </summary>
/// <param name="Path">Full path of the assembly; a relative one begins at the folder that Envoy runs in.</param>
/// <param name="Config">The filter's own configuration, UTF-8 JSON; empty for none.</param>
/// <param name="IsHot">Does it follow its file?</param>
/// <param name="OldVersions">How many versions may live beside the one in force; beyond that the streams of the oldest end. 0 to 64, default 4.</param>
internal sealed record HostedEntry(string Path, byte[] Config, bool IsHot, int OldVersions)
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
            int oldVersions = AssemblyLibraries.DefaultOldVersions;
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
                    case "old_versions":
                        // A Struct's numbers are all of one kind: 4.0 is what Envoy may write.
                        oldVersions = member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetDouble(out double most) && most is >= 0 and <= AssemblyLibraries.MostOldVersions && double.IsInteger(most) ? (int)most
                            : throw new FilterConfigurationException("$.old_versions", $"wanted a number from 0 to {AssemblyLibraries.MostOldVersions}");
                        break;
                    default:
                        throw new FilterConfigurationException("$." + member.Name, "unknown key; wanted assembly, config, hot and old_versions");
                }
            }

            return new HostedEntry(
                string.IsNullOrEmpty(path) ? throw new FilterConfigurationException("$.assembly", "wanted the path of a .NET assembly") : System.IO.Path.GetFullPath(path, configuration.BaseDirectory),
                config,
                isHot,
                oldVersions);
        }
    }
}
