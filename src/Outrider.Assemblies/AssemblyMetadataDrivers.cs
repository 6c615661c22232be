using System.Reflection;
using Outrider.Filters;

namespace Outrider.Assemblies;

/// <summary>Finds the metadata drivers of a .NET assembly: its public classes with <see cref="MetadataDriverAttribute"/>.</summary>
internal static class AssemblyMetadataDrivers
{
    /// <summary>Names and creators, for <paramref name="registry"/> to take.</summary>
    /// <exception cref="InvalidOperationException">A driver is not as <see cref="MetadataDriverAttribute"/> wants it, or its name is taken.</exception>
    internal static IReadOnlyList<(string Name, MetadataDriverCreator Creator)> Find(Assembly assembly, MetadataDriverRegistry registry)
    {
        var found = new List<(string Name, MetadataDriverCreator Creator)>();
        ExtensionTypes.RequirePublic<MetadataDriverAttribute>(assembly, "metadata driver");
        foreach (var type in assembly.GetExportedTypes())
        {
            if (type.GetCustomAttribute<MetadataDriverAttribute>() is not { } attribute)
            {
                continue;
            }

            if (!type.IsAssignableTo(typeof(IMetadataDriver)) || type.IsAbstract)
            {
                throw new InvalidOperationException($"{type} has [MetadataDriver] but is not a class that implements {nameof(IMetadataDriver)}");
            }

            if (string.IsNullOrEmpty(attribute.Name))
            {
                throw new InvalidOperationException($"{type}: a metadata driver needs a name");
            }

            if (registry.Find(attribute.Name) is not null || found.Exists(other => other.Name == attribute.Name))
            {
                throw new InvalidOperationException($"{type}: a metadata driver named '{attribute.Name}' is registered already");
            }

            found.Add((attribute.Name, CreatorOf(type, attribute)));
        }

        return found;
    }

    private static MetadataDriverCreator CreatorOf(Type type, MetadataDriverAttribute attribute)
    {
        if (type.GetConstructors() is not [var constructor] || constructor.GetParameters().Length > 1)
        {
            throw new InvalidOperationException($"{type} must have one public constructor, with one parameter (its configuration) or none");
        }

        if (constructor.GetParameters() is not [var parameter])
        {
            var create = ConstructorCall.Of<Func<IMetadataDriver>>(constructor);
            return configuration =>
            {
                configuration.RequireNone();
                return create();
            };
        }

        var make = ConstructorCall.Of<Func<object, IMetadataDriver>>(constructor);
        if (parameter.ParameterType == typeof(FilterConfiguration))
        {
            return configuration => make(configuration);
        }

        var typeInfo = AssemblyFilters.TypeInfoOf(parameter.ParameterType, attribute.JsonContext);
        return configuration => make(configuration.Read(typeInfo));
    }
}
