using Outrider.Assemblies.Swapping;
using Outrider.Nginx;

namespace Outrider.Developing;

/// <summary>The project of filters that somebody is at work on.</summary>
internal sealed class FilterProject
{
    private FilterProject(string file, string assembly)
    {
        File = file;
        Assembly = assembly;
        Folder = Path.GetDirectoryName(file)!;
    }

    /// <summary>The .csproj.</summary>
    internal string File { get; }

    /// <summary>Its folder.</summary>
    internal string Folder { get; }

    /// <summary>What a build writes.</summary>
    internal string Assembly { get; }

    /// <exception cref="IOException">There is no such project, or more than one, or it cannot be read.</exception>
    internal static async Task<FilterProject> FindAsync(string path)
    {
        string whole = Path.GetFullPath(path);
        string[] found = System.IO.File.Exists(whole) ? [whole] : Directory.Exists(whole) ? Directory.GetFiles(whole, "*.csproj") : [];
        if (found is not [var file])
        {
            throw new IOException(found.Length == 0 ? $"there is no project in {whole}" : $"{whole} has {found.Length} projects: name one of them");
        }

        var (code, said) = await BuildStep.RunAsync("dotnet", ["msbuild", file, "-getProperty:TargetPath", "-p:Configuration=Debug"], Path.GetDirectoryName(file)).ConfigureAwait(false);
        return code == 0 ? new FilterProject(file, said.Trim()) : throw new IOException(said.Trim());
    }

    /// <summary>Builds it. Null, or what is wrong with it.</summary>
    internal async Task<string?> BuildAsync()
    {
        var (code, said) = await BuildStep.RunAsync("dotnet", ["build", File, "-c", "Debug", "--nologo", "-v", "quiet", "-clp:NoSummary"], Folder).ConfigureAwait(false);
        string[] lines = [.. said.Split('\n').Select(static line => line.Trim()).Where(static line => line.Contains(": error ", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)];
        return code == 0 ? null : lines.Length > 0 ? string.Join('\n', lines) : said.Trim();
    }

    /// <summary>The names of the filters in what was built.</summary>
    /// <exception cref="IOException">It is no assembly with filters.</exception>
    internal IReadOnlyList<string> FilterNames()
    {
        var names = new AssemblyLibraries(examine: true).Use(Assembly, isHot: false).Filters.Names;
        return names.Count > 0 ? names : throw new IOException($"{Assembly} has no stream filter: a public class with [StreamFilter] that derives from StreamFilter");
    }
}
