using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Outrider.Filters;

namespace Outrider.Assemblies;

/// <summary>Finds the listener filters of a .NET assembly: its public classes with <see cref="ListenerFilterAttribute"/>.</summary>
internal static class AssemblyListenerFilters
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    /// <summary>Names and creators, for <paramref name="registry"/> to take.</summary>
    /// <exception cref="InvalidOperationException">A filter is not as <see cref="ListenerFilterAttribute"/> wants it, or its name is taken.</exception>
    internal static IReadOnlyList<(string Name, ListenerFilterCreator Creator)> Find(Assembly assembly, ListenerFilterRegistry registry)
    {
        var found = new List<(string Name, ListenerFilterCreator Creator)>();
        ExtensionTypes.RequirePublic<ListenerFilterAttribute>(assembly, "listener filter");
        foreach (var type in assembly.GetExportedTypes())
        {
            if (type.GetCustomAttribute<ListenerFilterAttribute>() is not { } attribute)
            {
                continue;
            }

            if (!type.IsAssignableTo(typeof(IListenerFilter)) || type.IsAbstract)
            {
                throw new InvalidOperationException($"{type} has [ListenerFilter] but is not a class that implements {nameof(IListenerFilter)}");
            }

            if (string.IsNullOrEmpty(attribute.Name))
            {
                throw new InvalidOperationException($"{type}: a listener filter needs a name");
            }

            if (registry.Find(attribute.Name) is not null || found.Exists(other => other.Name == attribute.Name))
            {
                throw new InvalidOperationException($"{type}: a listener filter named '{attribute.Name}' is registered already");
            }

            found.Add((attribute.Name, CreatorOf(type)));
        }

        return found;
    }

    private static ListenerFilterCreator CreatorOf(Type type)
    {
        if (type.GetConstructors() is not [var constructor] || constructor.GetParameters().Length > 1)
        {
            throw new InvalidOperationException($"{type} must have one public constructor, with one parameter (its configuration) or none");
        }

        if (constructor.GetParameters() is not [var parameter])
        {
            var create = ConstructorCall.Of<Func<IListenerFilter>>(constructor);
            return configuration =>
            {
                configuration.RequireNone();
                return create();
            };
        }

        var make = ConstructorCall.Of<Func<object, IListenerFilter>>(constructor);
        return parameter.ParameterType == typeof(FilterConfiguration)
            ? configuration => make(configuration)
            : configuration => make(configuration.Read(s_json.GetTypeInfo(parameter.ParameterType)));
    }
}
