using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Mutation;

/// <summary>What is done where a header of the name is there already (Envoy's <c>HeaderValueOption.HeaderAppendAction</c>).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AppendAction>))]
public enum AppendAction
{
    /// <summary>Another field is added.</summary>
    [JsonStringEnumMemberName("APPEND_IF_EXISTS_OR_ADD")]
    AppendIfExistsOrAdd,

    /// <summary>It stays as it is.</summary>
    [JsonStringEnumMemberName("ADD_IF_ABSENT")]
    AddIfAbsent,

    /// <summary>It is replaced, or added where there is none.</summary>
    [JsonStringEnumMemberName("OVERWRITE_IF_EXISTS_OR_ADD")]
    OverwriteIfExistsOrAdd,

    /// <summary>It is replaced; nothing is added.</summary>
    [JsonStringEnumMemberName("OVERWRITE_IF_EXISTS")]
    OverwriteIfExists,
}
