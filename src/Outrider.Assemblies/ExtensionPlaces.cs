using System.Reflection;
using Outrider.Filters;

namespace Outrider.Assemblies;

/// <summary>Where a program registers what assemblies bring, for its configurations to name. Immutable; the registries are for any thread.</summary>
/// <param name="filters">Where stream filters, metadata drivers and transcoders go.</param>
/// <param name="certificates">Where certificate providers go.</param>
/// <param name="kinds">The other kinds of extensions.</param>
public sealed class ExtensionPlaces(StreamFilterRegistry filters, CertificateProviderRegistry certificates, IReadOnlyList<ExtensionKind> kinds)
{
    /// <summary>The other kinds of extensions.</summary>
    internal IReadOnlyList<ExtensionKind> Kinds => kinds;

    /// <summary>All that an assembly brings, filters first. Nothing of it is registered yet: an assembly with a mistake in it leaves nothing behind.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <param name="make">What is registered for the stream filter of a name, in place of its own creator; null for that.</param>
    /// <exception cref="InvalidOperationException">One is not as its attribute wants it, or its name is taken.</exception>
    internal IReadOnlyList<FoundExtension> Find(Assembly assembly, Func<FoundFilter, StreamFilterCreator>? make = null)
    {
        var providers = AssemblyCertificateProviders.Find(assembly, certificates);
        var others = kinds.SelectMany(kind => kind.Find(assembly)).ToArray();
        var parts = AssemblyParts.Find(assembly, filters);
        return
        [
            .. AssemblyFilters.Find(assembly, filters).Select(found =>
            {
                var filter = filters.Prepare(make?.Invoke(found) ?? found.Creator, found.RouteReader);
                return new FoundExtension("stream filter", found.Name, () => filters.Add(found.Name, filter), () => filters.Remove(found.Name));
            }),
            .. providers.Select(found => new FoundExtension("certificate provider", found.Name, () => certificates.Add(found.Name, found.Creator), () => certificates.Remove(found.Name))),
            .. others,
            .. parts,
        ];
    }
}
