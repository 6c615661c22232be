using System.Text.Json;

namespace Outrider.Assemblies;

/// <summary>What a configuration of an extension has, for people.</summary>
internal static class ExtensionSchema
{
    /// <summary>A line for each member that JSON may name: <c>note: string</c>.</summary>
    internal static IEnumerable<string> Describe(Type configuration, Type? context)
    {
        var info = AssemblyFilters.TypeInfoOf(configuration, context);
        object? sample = null;
        try
        {
            sample = info.CreateObject?.Invoke();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Its constructor wants more than nothing: there are no defaults to show.
        }

        foreach (var property in info.Properties.Where(property => property.Set is not null || property.AssociatedParameter is not null))
        {
            object? value = sample is null ? null : property.Get?.Invoke(sample);
            string text = value is string or bool or int or long or double or Enum ? ", default " + JsonSerializer.Serialize(value.ToString()) : "";
            yield return $"{property.Name}: {NameOf(property.PropertyType)}{(property.IsRequired ? ", required" : text)}";
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
