using Outrider.Tests.CommandLine;
using Outrider.Tests.Envoy;

namespace Outrider.Tests.Packages;

/// <summary>A folder with all packages, made once of what these tests were built with.</summary>
public sealed class PackedFeed : IAsyncLifetime
{
    internal const string Version = "0.1.1-test";

    internal static readonly string[] Packages =
    [
        "Outrider.Envoy", "Outrider.Filters", "Outrider.Filters.Testing", "Outrider.Hosting", "Outrider.Modules.Abi", "Outrider.Plugins.Protocol", "Outrider.Plugins.Sdk", "outrider",
    ];

    internal string Folder { get; } = Directory.CreateTempSubdirectory("outrider-feed-").FullName;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        foreach (string project in Packages.Select(name => $"src/{(name == "outrider" ? "Outrider" : name)}").Append("templates"))
        {
            // There is nothing to build of the templates, and nobody has.
            string[] built = project == "templates" ? [] : ["--no-build", "--no-restore"];
            var (code, output) = await EnvoyModules.RunAsync(
                "dotnet", ["pack", Path.Combine(SampleCopy.Root, project), "-c", "Release", .. built, "-o", Folder, $"-p:PackageVersion={Version}", "--nologo", "-v", "quiet"], SampleCopy.Root);
            Assert.True(code == 0, $"{project}: {output}");
        }
    }

    /// <inheritdoc/>
    public Task DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return Task.CompletedTask;
    }
}
