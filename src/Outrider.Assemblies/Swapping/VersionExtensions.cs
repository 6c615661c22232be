using Outrider.Filters;

namespace Outrider.Assemblies.Swapping;

/// <summary>What one version of an assembly has registered for configurations to name. One thread at a time.</summary>
internal sealed class VersionExtensions
{
    private readonly IReadOnlyList<FoundExtension> _found;

    private VersionExtensions(IReadOnlyList<FoundExtension> found) => _found = found;

    /// <summary>The names of all but stream filters.</summary>
    internal IReadOnlyList<string> Names => [.. _found.Where(extension => extension.Kind != "stream filter").Select(extension => extension.Name).Order(StringComparer.Ordinal)];

    /// <summary>What it brings that is registered for good, so that its code has to stay: <c>codec rpc</c>; null where there is nothing of the kind.</summary>
    internal string? Lasting => _found.FirstOrDefault(extension => extension.Withdraw is null) is { } lasting ? $"{lasting.Kind} '{lasting.Name}'" : null;

    /// <summary>Finds what a version brings, and registers nothing yet.</summary>
    /// <exception cref="IOException">It refers to what is not there.</exception>
    /// <exception cref="InvalidOperationException">An extension in it is not as its attribute wants it, or its name is taken.</exception>
    internal static VersionExtensions Of(ExtensionVersion version, ExtensionPlaces places)
        => new(version.Find(places, filter => configuration =>
        {
            var factory = filter.Creator(configuration);
            // Of a group its parts are used, and each of them is an object of the version.
            return factory is IStreamFilterGroup ? factory : new LibraryFactory(version, filter.Name, factory);
        }));

    /// <summary>Lets configurations name all of it.</summary>
    internal void Register()
    {
        foreach (var extension in _found)
        {
            extension.Register();
        }
    }

    /// <summary>Takes the names back.</summary>
    internal void Withdraw()
    {
        foreach (var extension in _found)
        {
            extension.Withdraw!();
        }
    }
}
