using System.Reflection;
using Outrider.Filters;

namespace Outrider.Assemblies;

/// <summary>Finds what stock filters are made of in a .NET assembly: its public classes with <see cref="MetadataDriverAttribute"/> and <see cref="TranscoderAttribute"/>.</summary>
internal static class AssemblyParts
{
    /// <summary>Names, and what registers them: all are looked at before the first is.</summary>
    /// <exception cref="InvalidOperationException">One is not as its attribute wants it, or its name is taken.</exception>
    internal static IReadOnlyList<FoundExtension> Find(Assembly assembly, StreamFilterRegistry registry)
    {
        var drivers = Find<MetadataDriverAttribute, IMetadataDriver>(assembly, "metadata driver", one => one.Name, one => one.JsonContext, name => registry.MetadataDrivers.Find(name) is not null);
        var transcoders = Find<TranscoderAttribute, ITranscoder>(assembly, "transcoder", one => one.Name, one => one.JsonContext, name => registry.Transcoders.Find(name) is not null);
        return
        [
            .. drivers.Select(one =>
            {
                // Once, as of all kinds: what is put back is the same as before.
                MetadataDriverCreator create = configuration => one.Read(configuration)();
                return new FoundExtension("metadata driver", one.Name, () => registry.MetadataDrivers.Add(one.Name, create), () => registry.MetadataDrivers.Remove(one.Name));
            }),
            .. transcoders.Select(one =>
            {
                TranscoderCreator create = one.Read.Invoke;
                return new FoundExtension("transcoder", one.Name, () => registry.Transcoders.Add(one.Name, create), () => registry.Transcoders.Remove(one.Name));
            }),
        ];
    }

    private static List<(string Name, Func<FilterConfiguration, Func<TPart>> Read)> Find<TAttribute, TPart>(
        Assembly assembly, string kind, Func<TAttribute, string> nameOf, Func<TAttribute, Type?> contextOf, Func<string, bool> isTaken)
        where TAttribute : Attribute
    {
        var found = new List<(string Name, Func<FilterConfiguration, Func<TPart>> Read)>();
        ExtensionTypes.RequirePublic<TAttribute>(assembly, kind);
        foreach (var type in assembly.GetExportedTypes())
        {
            if (type.GetCustomAttribute<TAttribute>() is not { } attribute)
            {
                continue;
            }

            string name = nameOf(attribute);
            if (!type.IsAssignableTo(typeof(TPart)) || type.IsAbstract)
            {
                throw new InvalidOperationException($"{type} has [{typeof(TAttribute).Name.Replace("Attribute", "", StringComparison.Ordinal)}] but is not a class that implements {typeof(TPart).Name}");
            }

            if (string.IsNullOrEmpty(name))
            {
                throw new InvalidOperationException($"{type}: a {kind} needs a name");
            }

            if (isTaken(name) || found.Exists(other => other.Name == name))
            {
                throw new InvalidOperationException($"{type}: a {kind} named '{name}' is registered already");
            }

            found.Add((name, ReaderOf<TPart>(type, contextOf(attribute))));
        }

        return found;
    }

    // Reads a configuration once; what it gives makes objects.
    private static Func<FilterConfiguration, Func<TPart>> ReaderOf<TPart>(Type type, Type? jsonContext)
    {
        if (type.GetConstructors() is not [var constructor] || constructor.GetParameters().Length > 1)
        {
            throw new InvalidOperationException($"{type} must have one public constructor, with one parameter (its configuration) or none");
        }

        if (constructor.GetParameters() is not [var parameter])
        {
            var create = ConstructorCall.Of<Func<TPart>>(constructor);
            return configuration =>
            {
                configuration.RequireNone();
                return create;
            };
        }

        var make = ConstructorCall.Of<Func<object, TPart>>(constructor);
        if (parameter.ParameterType == typeof(FilterConfiguration))
        {
            return configuration => () => make(configuration);
        }

        var typeInfo = AssemblyFilters.TypeInfoOf(parameter.ParameterType, jsonContext);
        return configuration =>
        {
            object value = configuration.Read(typeInfo);
            return () => make(value);
        };
    }
}
