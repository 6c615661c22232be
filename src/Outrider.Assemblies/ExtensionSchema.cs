using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Outrider.Assemblies;

/// <summary>What a configuration of an extension has, for people.</summary>
internal static class ExtensionSchema
{
    // What goes deeper than that is named by its type alone; one that has itself as a member would have no end.
    private const int MaxDepth = 4;

    /// <summary>A line for each member that JSON may name, with those of what it consists of: <c>note: String</c>, <c>rules[].limit: Int32, default "5"</c>.</summary>
    internal static IEnumerable<string> Describe(Type configuration, Type? context) => Members(AssemblyFilters.TypeInfoOf(configuration, context), "", 0);

    private static IEnumerable<string> Members(JsonTypeInfo info, string prefix, int depth)
    {
        string own = prefix.Length > 0 ? prefix + "." : "";
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Dictionary:
                return Value(info, info.ElementType!, own + "(any name)", "", depth);
            case JsonTypeInfoKind.Enumerable:
                return Value(info, info.ElementType!, prefix + "[]", "", depth);
            case JsonTypeInfoKind.None:
                return prefix.Length > 0 ? [] : [NameOf(info.Type)];
        }

        object? sample = Sample(info);
        return info.Properties.Where(property => property.Set is not null || property.AssociatedParameter is not null).SelectMany(property =>
        {
            object? value = sample is null ? null : property.Get?.Invoke(sample);
            string text = value is string or bool or int or long or double or Enum or TimeSpan ? ", default " + JsonSerializer.Serialize(value.ToString()) : "";
            return Value(info, property.PropertyType, own + property.Name, property.IsRequired ? ", required" : text, depth);
        });
    }

    // What it is, and what it consists of where that has members.
    private static IEnumerable<string> Value(JsonTypeInfo owner, Type type, string path, string more, int depth)
    {
        yield return $"{path}: {NameOf(type)}{more}";
        if (depth < MaxDepth && InfoOf(owner, Nullable.GetUnderlyingType(type) ?? type) is { Kind: not JsonTypeInfoKind.None } inner)
        {
            bool isList = inner.Kind == JsonTypeInfoKind.Enumerable;
            var element = isList ? InfoOf(owner, inner.ElementType!) : inner;
            foreach (string line in element is { Kind: not JsonTypeInfoKind.None } ? Members(element, isList ? path + "[]" : path, depth + 1) : [])
            {
                yield return line;
            }
        }
    }

    private static JsonTypeInfo? InfoOf(JsonTypeInfo owner, Type type)
    {
        try
        {
            return owner.Options.GetTypeInfo(type);
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException or ArgumentException)
        {
            // A context that does not know it, or a type that JSON cannot have.
            return null;
        }
    }

    private static object? Sample(JsonTypeInfo info)
    {
        try
        {
            return info.CreateObject?.Invoke();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Its constructor wants more than nothing: there are no defaults to show.
            return null;
        }
    }

    private static string NameOf(Type type)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        return bare.IsEnum ? string.Join(" | ", Enum.GetNames(bare))
            : bare.IsArray ? NameOf(bare.GetElementType()!) + "[]"
            : bare.IsGenericType ? $"{bare.Name[..bare.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", bare.GetGenericArguments().Select(NameOf))}>"
            : bare.Name;
    }
}
