using System.IO.Compression;
using System.Xml.Linq;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Envoy;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Packages;

/// <summary>The packages, as somebody has them who has no checkout: from a folder that is their feed.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class PackagesTests(PackedFeed packed) : IClassFixture<PackedFeed>, IDisposable
{
    private const string Version = PackedFeed.Version;

    private readonly string _folder = Directory.CreateTempSubdirectory("outrider-packages-").FullName;

    private string Feed => packed.Folder;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_filter_is_begun_tested_run_and_published_with_the_packages_alone()
    {
        await UseFeedAsync();

        await RunAsync("tool", "install", "outrider", "--version", Version, "--tool-path", Path.Combine(_folder, "tools"), "--configfile", Path.Combine(_folder, "NuGet.config"));
        string tool = Path.Combine(_folder, "tools/outrider");
        using (var version = OutriderProcess.StartOther(tool, "version"))
        {
            Assert.Equal(0, await version.ExitAsync());
            Assert.StartsWith("outrider version: ", version.Out, StringComparison.Ordinal);
        }

        string hive = Path.Combine(_folder, "hive");
        await RunAsync("new", "install", Path.Combine(Feed, $"Outrider.Templates.{Version}.nupkg"), "--debug:custom-hive", hive);
        string said = await RunAsync("new", "outrider-filter", "-n", "my-filter", "--debug:custom-hive", hive);
        Assert.Contains("outrider dev NAME", said, StringComparison.Ordinal);
        string project = await File.ReadAllTextAsync(Path.Combine(_folder, "my-filter/my-filter.csproj"));
        Assert.Contains($"<PackageReference Include=\"Outrider.Envoy\" Version=\"{Version}\" />", project, StringComparison.Ordinal);
        Assert.Contains("<TargetFramework>net10.0</TargetFramework>", project, StringComparison.Ordinal);
        Assert.DoesNotContain("ProjectReference", project, StringComparison.Ordinal);

        Assert.Contains("Passed!", await RunAsync("test", "my-filter/tests"), StringComparison.Ordinal);

        await RunAsync("build", "my-filter", "-c", "Release");
        int own = OutriderProcess.FreePort();
        Edit("my-filter/mosn.json", "127.0.0.1:2046", $"127.0.0.1:{own}");
        using (var outrider = OutriderProcess.StartOther(tool, "start", "-c", Path.Combine(_folder, "my-filter/mosn.json")))
        {
            await outrider.ListensAsync(own);
            await AnswersAsync(own);
        }

        await RunAsync("publish", "my-filter");
        string[] published = [.. Directory.GetFiles(Path.Combine(_folder, "my-filter/bin/Release/net10.0/publish")).Select(file => Path.GetFileName(file)!)];
        Assert.Equal(["libmy_filter.so"], published);
        if (EnvoyFactAttribute.Program is { } program)
        {
            int port = OutriderProcess.FreePort();
            Edit("my-filter/envoy.yaml", "port_value: 10000", $"port_value: {port}");
            using var envoy = OutriderProcess.StartIn(_folder, program, "-c", "my-filter/envoy.yaml", "--use-dynamic-base-id", "--concurrency", "1", "-l", "warn");
            await envoy.ListensAsync(port);
            await AnswersAsync(port);
        }

        // The rules for filters have come with the package.
        Edit("my-filter/Filter.cs", "public override bool TryReset() => true;", "public override bool TryReset() => System.Threading.Tasks.Task.FromResult(true).Result;");
        Assert.Contains("OUTRIDER103", await RunAsync("build", "my-filter", "-c", "Release", "-p:RunAnalyzers=true"), StringComparison.Ordinal);

        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "plugin")).FullName, "plugin.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup><PackageReference Include="Outrider.Plugins.Sdk" Version="{Version}" /></ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(Path.Combine(_folder, "plugin/Program.cs"), "System.Console.WriteLine(typeof(Outrider.Plugins.Sdk.Plugin));");
        await RunAsync("build", "plugin");
    }

    // No configuration of NuGet's beside that which the template writes, and the packages of no other day.
    [Fact]
    public async Task A_template_that_is_told_its_feed_needs_nothing_else()
    {
        string hive = Path.Combine(_folder, "hive");
        await RunAsync("new", "install", Path.Combine(Feed, $"Outrider.Templates.{Version}.nupkg"), "--debug:custom-hive", hive);
        await RunAsync("new", "outrider-filter", "-n", "without", "--debug:custom-hive", hive);
        Assert.False(File.Exists(Path.Combine(_folder, "without/nuget.config")));
        Assert.False(File.Exists(Path.Combine(_folder, "without/feed.config")));

        await RunAsync("new", "outrider-filter", "-n", "my-filter", "--feed", Feed, "--debug:custom-hive", hive);

        string known = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget/packages");
        Edit("my-filter/nuget.config", "</configuration>", $"""
            <config><add key="globalPackagesFolder" value="../packages" /></config><fallbackPackageFolders><add key="known" value="{known}" /></fallbackPackageFolders></configuration>
            """);
        Assert.Contains("Passed!", await RunAsync("test", "my-filter/tests"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_package_has_a_readme_a_license_symbols_and_its_dependencies()
    {
        foreach (string name in PackedFeed.Packages.Append("Outrider.Templates"))
        {
            using var package = await ZipFile.OpenReadAsync(Path.Combine(Feed, $"{name}.{Version}.nupkg"));
            var entries = package.Entries.Select(entry => entry.FullName).ToList();
            Assert.Contains("PACKAGE.md", entries);
            await using var stream = await package.GetEntry($"{name}.nuspec")!.OpenAsync();
            var metadata = (await XDocument.LoadAsync(stream, LoadOptions.None, CancellationToken.None)).Root!.Elements().Single();
            string? Of(string element) => metadata.Elements().SingleOrDefault(other => other.Name.LocalName == element)?.Value;
            Assert.Equal((Version, "Apache-2.0", "PACKAGE.md"), (Of("version"), Of("license"), Of("readme")));
            Assert.False(string.IsNullOrEmpty(Of("description")));
            foreach (var dependency in metadata.Descendants().Where(other => other.Name.LocalName == "dependency" && other.Attribute("id")!.Value.StartsWith("Outrider", StringComparison.Ordinal)))
            {
                Assert.Contains(dependency.Attribute("id")!.Value, PackedFeed.Packages);
                Assert.Equal(Version, dependency.Attribute("version")!.Value);
            }

            if (name is not ("outrider" or "Outrider.Templates"))
            {
                Assert.Contains($"lib/net10.0/{name}.dll", entries);
                Assert.Contains($"lib/net10.0/{name}.xml", entries);
                using var symbols = await ZipFile.OpenReadAsync(Path.Combine(Feed, $"{name}.{Version}.snupkg"));
                Assert.NotNull(symbols.GetEntry($"lib/net10.0/{name}.pdb"));
            }
        }

        using var filters = await ZipFile.OpenReadAsync(Path.Combine(Feed, $"Outrider.Filters.{Version}.nupkg"));
        Assert.NotNull(filters.GetEntry("analyzers/dotnet/cs/Outrider.Analyzers.dll"));
        using var envoy = await ZipFile.OpenReadAsync(Path.Combine(Feed, $"Outrider.Envoy.{Version}.nupkg"));
        Assert.NotNull(envoy.GetEntry("analyzers/dotnet/cs/Outrider.Envoy.Generator.dll"));
        Assert.NotNull(envoy.GetEntry("build/Outrider.Envoy.props"));
        Assert.NotNull(envoy.GetEntry("build/Outrider.Envoy.targets"));
    }

    [Fact]
    public async Task A_version_without_what_the_last_one_had_is_not_packed_and_symbols_say_where_the_source_is()
    {
        // A small checkout of its own: one library of the house, and the house's rules.
        foreach (string file in new[] { "Directory.Build.props", "global.json", "src/Directory.Build.props", "src/Directory.Build.targets" }
            .Concat(Sources("src/Outrider.Filters")).Concat(Sources("src/Outrider.Analyzers")))
        {
            _ = Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder, file))!);
            File.Copy(Path.Combine(SampleCopy.Root, file), Path.Combine(_folder, file));
        }

        foreach (string[] step in (string[][])[["init", "-q"], ["add", "-A"], ["-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-q", "-m", "all"]])
        {
            var (code, output) = await EnvoyModules.RunAsync("git", step, _folder);
            Assert.True(code == 0, output);
        }

        string own = Path.Combine(_folder, "own");
        string[] pack = ["pack", "src/Outrider.Filters", "-c", "Release", "-o", own, "-p:OutriderRepositoryUrl=https://github.com/example/outrider", "-p:RunAnalyzers=false"];
        await RunAsync([.. pack, "-p:PackageVersion=0.1.0"]);
        byte[] symbols = await File.ReadAllBytesAsync(Path.Combine(_folder, "src/Outrider.Filters/bin/Release/net10.0/Outrider.Filters.pdb"));
        Assert.True(symbols.AsSpan().IndexOf("https://raw.githubusercontent.com/example/outrider/"u8) > 0);

        Edit("src/Outrider.Filters/BodyBuffer.cs", "public void Clear()", "internal void Clear()");
        var (refused, why) = await EnvoyModules.RunAsync("dotnet", [.. pack, "-p:PackageVersion=0.1.1", $"-p:OutriderBaseline={own}", "-p:OutriderBaselineVersion=0.1.0"], _folder);
        Assert.NotEqual(0, refused);
        Assert.Contains("CP0002", why, StringComparison.Ordinal);
        Assert.Contains("BodyBuffer.Clear()", why, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Sources(string folder) => Directory.EnumerateFiles(Path.Combine(SampleCopy.Root, folder), "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(SampleCopy.Root, file)).Where(file => !file.Contains("/bin/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal));

    private static async Task AnswersAsync(int port)
    {
        Assert.StartsWith("HTTP/1.1 403 ", await RawClient.ExchangeAsync(port, "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await RawClient.ExchangeAsync(port, "GET / HTTP/1.1\r\nhost: localhost\r\nuser: admin\r\nconnection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    // Packages of others come from where this machine has them already, and from NuGet where it has not.
    private async Task UseFeedAsync()
    {
        string known = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget/packages");
        await File.WriteAllTextAsync(Path.Combine(_folder, "NuGet.config"), $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="packages" /></config>
              <packageSources><clear /><add key="feed" value="{Feed}" /><add key="nuget" value="https://api.nuget.org/v3/index.json" /></packageSources>
              <fallbackPackageFolders><add key="known" value="{known}" /></fallbackPackageFolders>
              <packageSourceMapping>
                <packageSource key="feed"><package pattern="Outrider*" /></packageSource>
                <packageSource key="nuget"><package pattern="*" /></packageSource>
              </packageSourceMapping>
            </configuration>
            """);
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        var (code, output) = await EnvoyModules.RunAsync("dotnet", arguments, _folder);
        Assert.True(code == 0, $"dotnet {string.Join(' ', arguments)}: {output}");
        return output;
    }

    private void Edit(string file, string before, string after)
    {
        string whole = Path.Combine(_folder, file);
        string text = File.ReadAllText(whole);
        Assert.Contains(before, text, StringComparison.Ordinal);
        File.WriteAllText(whole, text.Replace(before, after, StringComparison.Ordinal));
    }
}
