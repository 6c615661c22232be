using System.Text.Json;

namespace Outrider.Assemblies.Swapping;

/// <summary>A setting that is on or off, as configurations of libraries write it.</summary>
public static class JsonSwitch
{
    /// <summary>What to say of a value that is none.</summary>
    public const string Wanted = "wanted true or false (\"on\" or \"off\")";

    /// <summary>True for <c>true</c> and <c>"on"</c>, false for <c>false</c> and <c>"off"</c>, null for anything else.</summary>
    public static bool? Read(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String when value.GetString() is "on" or "off" => value.GetString() == "on",
        _ => null,
    };
}
