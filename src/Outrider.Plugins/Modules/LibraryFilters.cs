using System.Text;
using System.Text.Json;
using Outrider.Filters;
using Outrider.Plugins.Modules.Configurations;
using Outrider.Plugins.Modules.Libraries;
using Outrider.Plugins.Modules.Linking;

namespace Outrider.Plugins.Modules;

/// <summary>
/// The stream filter <c>library</c>: a filter of a shared library that speaks Envoy's dynamic-module ABI (docs/modules.md).
/// <c>{"type": "library", "library": {"path": "./libexample.so", "filter": "example-1"}, "config": …}</c>.
/// </summary>
public static class LibraryFilters
{
    // 8 MiB for each scheduler.
    private const int MostEvents = 1 << 20;

    /// <summary>The type that configurations use.</summary>
    public const string Type = "library";

    private static readonly string[] s_keys = ["path", "filter", "timeout", "max_events"];

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
            if (!s_keys.Any(key => Is(member, key)))
            {
                throw FilterConfigurationException.OfEntry($"$.library.{member.Name}", "unknown key; wanted path, filter, timeout and max_events");
            }
        }

        var limits = Limits(library);
        ModuleLibrary module;
        try
        {
            module = ModuleLibrary.Load(Path.GetFullPath(path.GetString()!, configuration.BaseDirectory), limits.Timeout);
        }
        catch (Exception e) when (e is IOException or PlatformNotSupportedException)
        {
            throw FilterConfigurationException.OfEntry("$.library.path", e.Message);
        }

        return new ModuleFilterFactory(ModuleConfiguration.Create(
            module, Member(library, "filter")?.GetString() ?? "", limits, ConfigBytes(Member(entry.RootElement, "config"))));
    }

    /// <summary>Waits, before the process ends, until every module knows of the end of its configurations; at most two seconds for each.</summary>
    public static void Complete() => ModuleLibrary.Complete(TimeSpan.FromSeconds(2));

    /// <summary>
    /// Does a constructor of a library, which has not returned in time, hold the C library's loader? Then whoever needs the loader waits for ever, and the
    /// process ends only by <see cref="EndWhereLoaderIsHeld"/>.
    /// </summary>
    public static bool LoaderIsHeld => ModuleLibrary.LoaderIsHeld;

    /// <summary>Does the process serve, so that it goes on without a library that does not load? Otherwise it ends soon after. Default: false.</summary>
    public static bool Serves
    {
        get => ModuleLibrary.Serves;
        set => ModuleLibrary.Serves = value;
    }

    /// <summary>
    /// Ends the process at once where <see cref="LoaderIsHeld"/>, for an ordinary end would wait for ever. Otherwise it returns.
    /// </summary>
    /// <param name="exitCode">What the process ends with.</param>
    /// <param name="words">Written to stderr before; may be empty.</param>
    public static void EndWhereLoaderIsHeld(int exitCode, string words = "")
    {
        if (LoaderIsHeld)
        {
            HeldLoader.End(exitCode, words);
        }
    }

    private static ModuleLimits Limits(JsonElement library)
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
            limits = number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out int events) && events is > 0 and <= MostEvents
                ? limits with { MaxEvents = events }
                : throw FilterConfigurationException.OfEntry("$.library.max_events", $"wanted a number from 1 to {MostEvents}");
        }

        return limits;
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
