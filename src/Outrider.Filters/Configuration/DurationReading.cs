using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Outrider.Filters;

/// <summary>Lets every <see cref="TimeSpan"/> of a configuration be read as durations are read everywhere (<see cref="GoDurationConverter"/>), without a word at each property. Any thread.</summary>
internal static class DurationReading
{
    // They go with the options that they were made of, which belong to an assembly that may go.
    private static readonly ConditionalWeakTable<JsonSerializerOptions, JsonSerializerOptions> s_options = [];

    /// <summary>The same type, read that way.</summary>
    internal static JsonTypeInfo Of(JsonTypeInfo typeInfo)
    {
        var options = typeInfo.Options;
        return options.TypeInfoResolver is null || options.Converters.Any(static one => one is GoDurationConverter) ? typeInfo
            : s_options.GetValue(options, static one => With(one)).GetTypeInfo(typeInfo.Type);
    }

    private static JsonSerializerOptions With(JsonSerializerOptions options)
    {
        var more = new JsonSerializerOptions(options);
        more.Converters.Add(new GoDurationConverter());
        return more;
    }
}
