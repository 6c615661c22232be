using System.Reflection;
using Outrider.Filters;

namespace Outrider.Assemblies;

/// <summary>Finds the certificate providers of a .NET assembly: its public classes with <see cref="CertificateProviderAttribute"/>.</summary>
internal static class AssemblyCertificateProviders
{
    /// <summary>Names and creators, for <paramref name="registry"/> to take.</summary>
    /// <exception cref="InvalidOperationException">A provider is not as <see cref="CertificateProviderAttribute"/> wants it, or its name is taken.</exception>
    internal static IReadOnlyList<(string Name, CertificateProviderCreator Creator)> Find(Assembly assembly, CertificateProviderRegistry registry)
    {
        var found = new List<(string Name, CertificateProviderCreator Creator)>();
        ExtensionTypes.RequirePublic<CertificateProviderAttribute>(assembly, "certificate provider");
        foreach (var type in assembly.GetExportedTypes())
        {
            if (type.GetCustomAttribute<CertificateProviderAttribute>() is not { } attribute)
            {
                continue;
            }

            if (!type.IsAssignableTo(typeof(ICertificateProvider)) || type.IsAbstract)
            {
                throw new InvalidOperationException($"{type} has [CertificateProvider] but is not a class that implements {nameof(ICertificateProvider)}");
            }

            if (string.IsNullOrEmpty(attribute.Name))
            {
                throw new InvalidOperationException($"{type}: a certificate provider needs a name");
            }

            if (registry.Find(attribute.Name) is not null || found.Exists(other => other.Name == attribute.Name))
            {
                throw new InvalidOperationException($"{type}: a certificate provider named '{attribute.Name}' is registered already");
            }

            found.Add((attribute.Name, CreatorOf(type)));
        }

        return found;
    }

    private static CertificateProviderCreator CreatorOf(Type type)
    {
        if (type.GetConstructors() is not [var constructor] || constructor.GetParameters() is not [var parameter] || parameter.ParameterType != typeof(CertificateProviderContext))
        {
            throw new InvalidOperationException($"{type} must have one public constructor, with one parameter: {nameof(CertificateProviderContext)}");
        }

        return ConstructorCall.Of<CertificateProviderCreator>(constructor);
    }
}
