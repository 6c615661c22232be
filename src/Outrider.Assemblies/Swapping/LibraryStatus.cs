namespace Outrider.Assemblies.Swapping;

/// <summary>What there is of one file.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Version">Which of the versions that this process has loaded of it is in force, from 1.</param>
/// <param name="AssemblyVersion">The version that its author gave it.</param>
/// <param name="LoadedAt">When it was loaded (UTC).</param>
/// <param name="IsHot">Whether it follows its file by itself.</param>
/// <param name="Filters">Its filters' names, sorted.</param>
/// <param name="Extensions">The names of what it brings beside them, where it is listed in <c>extensions</c>, sorted.</param>
/// <param name="OldVersions">Older versions that are still in memory.</param>
/// <param name="Problem">Why the file's content of now is not in force; null where it is.</param>
public sealed record LibraryStatus(
    string Path, int Version, string AssemblyVersion, DateTime LoadedAt, bool IsHot, IReadOnlyList<string> Filters, IReadOnlyList<string> Extensions, int OldVersions, string? Problem);
