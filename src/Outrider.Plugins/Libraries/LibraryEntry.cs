using System.Text;
using System.Text.Json;
using Outrider.Assemblies.Swapping;
using Outrider.Filters;
using Outrider.Plugins.Modules;
using Outrider.Plugins.Modules.Libraries;

namespace Outrider.Plugins.Libraries;

/// <summary>An entry of <c>stream_filters</c> that names a filter in a file: <c>library</c>, ours, or <c>loadso</c>, MOSN's.</summary>
internal sealed record LibraryEntry
{
    /// <summary>The type of MOSN's entries.</summary>
    internal const string MosnType = "loadso";

    // 8 MiB for each scheduler.
    private const int MaxEvents = 1 << 20;

    private static readonly string[] s_keys = ["path", "filter", "timeout", "max_events", "hot", "old_versions", "trusted_only"];
    private static readonly string[] s_mosnKeys = ["so_path", "factory_method"];

    /// <summary>Where the path stands in the entry, for errors: <c>$.library.path</c>.</summary>
    internal required string PathKey { get; init; }

    /// <summary>Where the filter's name stands, or would.</summary>
    internal required string FilterKey { get; init; }

    /// <summary>Full path of the file.</summary>
    internal required string Path { get; init; }

    /// <summary>Which of its filters; null where the entry names none.</summary>
    internal string? Filter { get; init; }

    /// <summary>Is the name one of MOSN's functions, which another file need not have?</summary>
    internal bool IsFilterAHint { get; init; }

    /// <summary>What a module may take.</summary>
    internal ModuleLimits Limits { get; init; } = ModuleLimits.Default;

    /// <summary>Does an assembly follow its file by itself? Default: true.</summary>
    internal bool IsHot { get; init; } = true;

    /// <summary>How many versions of an assembly may live beside the one in force; beyond that the streams of the oldest end. 0 to 64, default 4.</summary>
    internal int OldVersions { get; init; } = AssemblyLibraries.DefaultOldVersions;

    /// <summary>Must it be a file that nobody can change but this process's user and root? Default: false.</summary>
    internal bool TrustedOnly { get; init; }

    /// <summary>The filter's own configuration as Envoy hands it over: a string as its bytes, everything else as JSON text.</summary>
    internal byte[] ConfigBytes { get; init; } = [];

    /// <summary>Reads an entry of either type.</summary>
    /// <exception cref="FilterConfigurationException">It is wrong.</exception>
    internal static LibraryEntry Of(FilterConfiguration configuration) => configuration.Type == MosnType ? ReadMosn(configuration) : Read(configuration);

    /// <summary>Reads <c>{"type": "library", "library": {…}, "config": …}</c>.</summary>
    /// <exception cref="FilterConfigurationException">It is wrong.</exception>
    private static LibraryEntry Read(FilterConfiguration configuration)
    {
        using var entry = Parse(configuration);
        if (Member(entry.RootElement, "library") is not { ValueKind: JsonValueKind.Object } library)
        {
            throw FilterConfigurationException.OfEntry("$.library", "wanted an object with the library's \"path\" and the name of its \"filter\"");
        }

        string path = Text(library, "path", "$.library.path") is { Length: > 0 } given ? given : throw FilterConfigurationException.OfEntry("$.library.path", "wanted the library's file");
        if (Member(library, "filter") is { ValueKind: not JsonValueKind.String })
        {
            throw FilterConfigurationException.OfEntry("$.library.filter", "wanted the name of one of the library's filters");
        }

        RequireKnown(library, "$.library", s_keys);
        return new LibraryEntry
        {
            PathKey = "$.library.path",
            FilterKey = "$.library.filter",
            Path = System.IO.Path.GetFullPath(path, configuration.BaseDirectory),
            Filter = Member(library, "filter")?.GetString(),
            Limits = ReadLimits(library),
            IsHot = Switch(library, "hot", true),
            OldVersions = Member(library, "old_versions") is not { } most ? AssemblyLibraries.DefaultOldVersions
                : most.ValueKind == JsonValueKind.Number && most.TryGetInt32(out int number) && number is >= 0 and <= AssemblyLibraries.MostOldVersions ? number
                : throw FilterConfigurationException.OfEntry("$.library.old_versions", $"wanted a number from 0 to {AssemblyLibraries.MostOldVersions}"),
            TrustedOnly = Switch(library, "trusted_only", false),
            ConfigBytes = Bytes(Member(entry.RootElement, "config")),
        };
    }

    /// <summary>Reads <c>{"type": "loadso", "go_plugin_config": {"so_path": …, "factory_method": …}, "config": …}</c> (MOSN's <c>pkg/filter/stream/loadso</c>).</summary>
    /// <exception cref="FilterConfigurationException">It is wrong.</exception>
    private static LibraryEntry ReadMosn(FilterConfiguration configuration)
    {
        using var entry = Parse(configuration);
        if (Member(entry.RootElement, "go_plugin_config") is not { ValueKind: JsonValueKind.Object } plugin)
        {
            throw FilterConfigurationException.OfEntry("$.go_plugin_config", "wanted an object with \"so_path\", the library's file, and \"factory_method\"");
        }

        string path = Text(plugin, "so_path", "$.go_plugin_config.so_path") is { Length: > 0 } given ? given : throw FilterConfigurationException.OfEntry("$.go_plugin_config.so_path", "wanted the library's file");
        RequireKnown(plugin, "$.go_plugin_config", s_mosnKeys);
        return new LibraryEntry
        {
            PathKey = "$.go_plugin_config.so_path",
            FilterKey = "$.go_plugin_config.factory_method",
            Path = System.IO.Path.GetFullPath(path, configuration.BaseDirectory),
            Filter = Text(plugin, "factory_method", "$.go_plugin_config.factory_method"),
            IsFilterAHint = true,
            ConfigBytes = Bytes(Member(entry.RootElement, "config")),
        };
    }

    private static JsonDocument Parse(FilterConfiguration configuration) => JsonDocument.Parse(configuration.Entry.IsEmpty ? "{}"u8.ToArray() : configuration.Entry);

    private static void RequireKnown(JsonElement parent, string path, string[] keys)
    {
        foreach (var member in parent.EnumerateObject())
        {
            if (!keys.Any(key => Is(member, key)))
            {
                throw FilterConfigurationException.OfEntry($"{path}.{member.Name}", $"unknown key; wanted {string.Join(", ", keys[..^1])} and {keys[^1]}");
            }
        }
    }

    private static ModuleLimits ReadLimits(JsonElement library)
    {
        var limits = ModuleLimits.Default;
        if (Member(library, "timeout") is { } text)
        {
            limits = text.ValueKind == JsonValueKind.String && GoDuration.TryParse(text.GetString()!, out var timeout) && timeout > TimeSpan.Zero && timeout.TotalMilliseconds <= int.MaxValue
                ? limits with { Timeout = timeout }
                : throw FilterConfigurationException.OfEntry("$.library.timeout", "wanted a duration greater than zero such as \"10s\"");
        }

        if (Member(library, "max_events") is { } number)
        {
            limits = number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out int events) && events is > 0 and <= MaxEvents
                ? limits with { MaxEvents = events }
                : throw FilterConfigurationException.OfEntry("$.library.max_events", $"wanted a number from 1 to {MaxEvents}");
        }

        return limits;
    }

    private static bool Switch(JsonElement library, string key, bool otherwise) => Member(library, key) is { } value
        ? JsonSwitch.Read(value) ?? throw FilterConfigurationException.OfEntry("$.library." + key, JsonSwitch.Wanted)
        : otherwise;

    private static string? Text(JsonElement parent, string key, string path) => Member(parent, key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        _ => throw FilterConfigurationException.OfEntry(path, "wanted text"),
    };

    private static byte[] Bytes(JsonElement? config) => config switch
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
