using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

namespace Outrider.Tests.House;

/// <summary>Which projects may use which others: the table of DESIGN, and of CONTRIBUTING. Outrider.Http is its Protocols.</summary>
internal static partial class Arrows
{
    private static readonly string[] s_core =
    [
        "Outrider.Filters", "Outrider.Expressions", "Outrider.Net", "Outrider.Hosting", "Outrider.Telemetry", "Outrider.Assemblies", "Outrider.Http", "Outrider.Configuration", "Outrider.Security",
        "Outrider.Upstream",
    ];

    private static readonly Dictionary<string, string[]> s_allowed = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Outrider.Filters"] = [],
        ["Outrider.Modules.Abi"] = [],
        ["Outrider.Net"] = [],
        ["Outrider.Plugins.Protocol"] = [],
        ["Outrider.Envoy.Generator"] = [],
        ["Outrider.Analyzers"] = [],
        ["Outrider.Hosting"] = ["Outrider.Filters"],
        ["Outrider.Telemetry"] = ["Outrider.Filters"],
        ["Outrider.Assemblies"] = ["Outrider.Filters"],
        ["Outrider.Expressions"] = ["Outrider.Filters"],
        ["Outrider.StockFilters"] = ["Outrider.Filters", "Outrider.Expressions"],
        ["Outrider.Filters.Testing"] = ["Outrider.Filters", "Outrider.Hosting"],
        ["Outrider.Http"] = ["Outrider.Filters", "Outrider.Net"],
        ["Outrider.Configuration"] = ["Outrider.Filters", "Outrider.Expressions"],
        ["Outrider.Security"] = ["Outrider.Filters", "Outrider.Net", "Outrider.Configuration"],
        ["Outrider.Upstream"] = ["Outrider.Filters", "Outrider.Net", "Outrider.Http", "Outrider.Configuration", "Outrider.Telemetry", "Outrider.Security"],
        ["Outrider.Proxy"] = s_core,
        ["Outrider.Plugins"] = [.. s_core, "Outrider.Proxy", "Outrider.Modules.Abi", "Outrider.Plugins.Protocol"],
        ["Outrider.Plugins.Sdk"] = ["Outrider.Plugins.Protocol"],
        ["Outrider.Envoy"] = ["Outrider.Filters", "Outrider.Hosting", "Outrider.Modules.Abi"],
        ["Outrider.StockFilters.Envoy"] = ["Outrider.StockFilters", "Outrider.Envoy"],
        // What its two projects speak of is Filters.
        ["Outrider.Envoy.Hosted"] = ["Outrider.Envoy", "Outrider.Assemblies", "Outrider.Filters"],
        ["Outrider"] = [.. s_core, "Outrider.Proxy", "Outrider.Modules.Abi", "Outrider.Plugins", "Outrider.Plugins.Protocol", "Outrider.StockFilters"],
    };

    /// <summary>Each arrow that the table does not have, of those that a built assembly has.</summary>
    internal static IEnumerable<string> WrongOfAssembly(string path)
    {
        using var stream = File.OpenRead(path);
        using var image = new PEReader(stream);
        var reader = image.GetMetadataReader();
        string from = reader.GetString(reader.GetAssemblyDefinition().Name);
        return [.. Wrong(from, reader.AssemblyReferences.Select(reference => reader.GetString(reader.GetAssemblyReference(reference).Name)))];
    }

    /// <summary>Each arrow that the table does not have, of those that a project declares, used or not.</summary>
    internal static IEnumerable<string> WrongOfProject(string path) => Wrong(
        Path.GetFileNameWithoutExtension(path),
        ProjectReference().Matches(File.ReadAllText(path)).Select(match => match.Groups[1].Value).Where(name => name.StartsWith("Outrider", StringComparison.Ordinal)));

    /// <summary>Each of the arrows that the table does not have.</summary>
    internal static IEnumerable<string> Wrong(string from, IEnumerable<string> uses) => s_allowed.TryGetValue(from, out string[]? allowed)
        ? uses.Where(to => to.StartsWith("Outrider", StringComparison.OrdinalIgnoreCase) && !allowed.Contains(to, StringComparer.OrdinalIgnoreCase)).Select(to => $"{from} uses {to}")
        : [$"{from} is not in the table"];

    [GeneratedRegex(@"<ProjectReference Include=""[^""]*?([\w.]+)\.csproj""")]
    private static partial Regex ProjectReference();
}
