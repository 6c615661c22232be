using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Outrider.Filters;

namespace Outrider.Assemblies;

/// <summary>
/// How configurations are read whose author brought no source-generated context: what people write by hand in JSON. Each assembly has options
/// of its own, which go with it: options keep every type that they have read, and with it the assembly (dotnet/runtime #65323).
/// </summary>
internal static class ExtensionJson
{
    private static readonly ConditionalWeakTable<Assembly, JsonSerializerOptions> s_options = [];

    // The serializer's own answer to hot reload: forgets what it has learnt of types. Not public; where it is not there, old versions stay a while longer.
    private static readonly MethodInfo? s_forget = typeof(JsonSerializerOptions).Assembly
        .GetType("System.Text.Json.JsonSerializerOptionsUpdateHandler")?.GetMethod("ClearCache", BindingFlags.Public | BindingFlags.Static, [typeof(Type[])]);

    /// <summary>For a host whose configurations are YAML: told of each scalar that is read as text although it is none. Null: such a scalar is an error. Set before the first configuration.</summary>
    internal static Action<string>? ScalarsAsText { get; set; }

    /// <summary>The options for the types of an assembly. Any thread.</summary>
    internal static JsonSerializerOptions OptionsOf(Assembly assembly) => s_options.GetValue(assembly, static _ => Make());

    private static JsonSerializerOptions Make()
    {
        var options = New();
        if (ScalarsAsText is { } tell)
        {
            options.Converters.Add(new TextOfScalar(tell));
        }

        return options;
    }

    private static JsonSerializerOptions New() => new()
    {
        PropertyNameCaseInsensitive = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new GoDurationConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    /// <summary>Lets the serializer forget the types that it knows, those that extensions have read by its default options among them. It learns them again. Any thread.</summary>
    internal static void Forget()
    {
        try
        {
            _ = s_forget?.Invoke(null, [null]);
        }
        catch (TargetInvocationException)
        {
            // It knows them still.
        }
    }
}
