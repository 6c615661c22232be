using System.Text;
using System.Text.Json;
using Outrider.Filters;
using Outrider.Plugins.Modules.Configurations;
using Outrider.Plugins.Modules.Libraries;

namespace Outrider.Plugins.Modules;

/// <summary>
/// The stream filter <c>library</c>: a filter of a shared library that speaks Envoy's dynamic-module ABI (docs/modules.md).
/// <c>{"type": "library", "library": {"path": "./libexample.so", "filter": "example-1"}, "config": …}</c>.
/// </summary>
public static class LibraryFilters
{
    /// <summary>The type that configurations use.</summary>
    public const string Type = "library";

    /// <summary>Is this process one that only checks configurations? Modules ask, so that they leave out what costs time. Default: false.</summary>
    public static bool OnlyChecks
    {
        get => ModuleLibrary.OnlyChecks;
        set => ModuleLibrary.OnlyChecks = value;
    }

    /// <summary>Registers the type.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public static void Register(StreamFilterRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        registry.Add(Type, Create);
    }

    private static ModuleFilterFactory Create(FilterConfiguration configuration)
    {
        using var entry = JsonDocument.Parse(configuration.Entry.IsEmpty ? "{}"u8.ToArray() : configuration.Entry);
        if (Member(entry.RootElement, "library") is not { ValueKind: JsonValueKind.Object } library)
        {
            throw FilterConfigurationException.OfEntry("$.library", "wanted an object with the library's \"path\" and the name of its \"filter\"");
        }

        if (Member(library, "path") is not { ValueKind: JsonValueKind.String } path || path.GetString()!.Length == 0)
        {
            throw FilterConfigurationException.OfEntry("$.library.path", "wanted the library's file");
        }

        if (Member(library, "filter") is { ValueKind: not JsonValueKind.String })
        {
            throw FilterConfigurationException.OfEntry("$.library.filter", "wanted the name of one of the library's filters");
        }

        foreach (var member in library.EnumerateObject())
        {
            if (!Is(member, "path") && !Is(member, "filter"))
            {
                throw FilterConfigurationException.OfEntry($"$.library.{member.Name}", "unknown key; wanted path and filter");
            }
        }

        ModuleLibrary module;
        try
        {
            module = ModuleLibrary.Load(Path.GetFullPath(path.GetString()!, configuration.BaseDirectory));
        }
        catch (Exception e) when (e is IOException or PlatformNotSupportedException)
        {
            throw FilterConfigurationException.OfEntry("$.library.path", e.Message);
        }

        return new ModuleFilterFactory(ModuleConfiguration.Create(
            module, Member(library, "filter")?.GetString() ?? "", ConfigBytes(Member(entry.RootElement, "config"))));
    }

    // As Envoy hands it over: a string as its bytes, everything else as JSON text.
    private static byte[] ConfigBytes(JsonElement? config) => config switch
    {
        null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => [],
        { ValueKind: JsonValueKind.String } text => Encoding.UTF8.GetBytes(text.GetString()!),
        { } json => Encoding.UTF8.GetBytes(json.GetRawText()),
    };

    // Keys are compared without case and the last one counts, as everywhere in the configuration.
    private static JsonElement? Member(JsonElement parent, string name)
    {
        JsonElement? found = null;
        foreach (var member in parent.EnumerateObject())
        {
            if (Is(member, name))
            {
                found = member.Value;
            }
        }

        return found;
    }

    private static bool Is(JsonProperty member, string name) => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}
