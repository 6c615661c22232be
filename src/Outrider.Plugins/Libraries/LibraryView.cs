namespace Outrider.Plugins.Libraries;

/// <summary>What the admin API says of an assembly: <see cref="Assemblies.Swapping.LibraryStatus"/> under the names of its JSON.</summary>
internal sealed record LibraryView(string Path, int Version, string AssemblyVersion, DateTime LoadedAt, bool Hot, IReadOnlyList<string> Filters, IReadOnlyList<string> Extensions, int OldVersions, string? Problem);
