using System.Reflection;
using Outrider.Filters;

namespace Outrider.Assemblies;

/// <summary>Finds the public classes of a .NET assembly that have an attribute, and makes what makes them. What <c>prepare</c> gives registers the same object however often it is called.</summary>
internal sealed class AttributedKind<TAttribute, TExtension>(string what, Func<TAttribute, string> nameOf, Func<string, bool> isTaken, Func<string, Func<FilterConfiguration, Func<TExtension>>, Action> prepare, Action<string>? withdraw) : ExtensionKind
    where TAttribute : Attribute
    where TExtension : class
{
    internal override IEnumerable<Assembly> Contracts => typeof(TExtension).Assembly.GetReferencedAssemblies()
        .Where(reference => reference.Name!.StartsWith("Outrider.", StringComparison.Ordinal))
        .Select(Assembly.Load)
        .Append(typeof(TExtension).Assembly);

    internal override IReadOnlyList<FoundExtension> Find(Assembly assembly)
    {
        var found = new List<FoundExtension>();
        string attributeName = typeof(TAttribute).Name[..^"Attribute".Length];
        ExtensionTypes.RequirePublic<TAttribute>(assembly, what);
        foreach (var type in assembly.GetExportedTypes())
        {
            if (type.GetCustomAttribute<TAttribute>() is not { } attribute)
            {
                continue;
            }

            if (!type.IsAssignableTo(typeof(TExtension)) || type.IsAbstract)
            {
                string relation = typeof(TExtension).IsInterface ? "implements" : "derives from";
                throw new InvalidOperationException($"{type} has [{attributeName}] but is not a class that {relation} {typeof(TExtension).Name}");
            }

            string name = nameOf(attribute);
            if (string.IsNullOrEmpty(name))
            {
                throw new InvalidOperationException($"{type}: a {what} needs a name");
            }

            if (isTaken(name) || found.Exists(other => other.Name == name))
            {
                throw new InvalidOperationException($"{type}: a {what} named '{name}' is registered already");
            }

            // Once: what is put back is the same as before.
            found.Add(new FoundExtension(what, name, prepare(name, CreatorOf(type)), withdraw is null ? null : () => withdraw(name)));
        }

        return found;
    }

    private static Func<FilterConfiguration, Func<TExtension>> CreatorOf(Type type)
    {
        if (type.GetConstructors() is not [var constructor] || constructor.GetParameters().Length > 1)
        {
            throw new InvalidOperationException($"{type} must have one public constructor, with one parameter (its configuration) or none");
        }

        if (constructor.GetParameters() is not [var parameter])
        {
            var create = ConstructorCall.Of<Func<TExtension>>(constructor);
            return configuration =>
            {
                configuration.RequireNone();
                return create;
            };
        }

        if (parameter.ParameterType == typeof(FilterConfiguration))
        {
            return configuration => ConstructorCall.With<Func<TExtension>>(constructor, configuration);
        }

        var typeInfo = AssemblyFilters.TypeInfoOf(parameter.ParameterType, null);
        return configuration => ConstructorCall.With<Func<TExtension>>(constructor, configuration.Read(typeInfo));
    }
}
