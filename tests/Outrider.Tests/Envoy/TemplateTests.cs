using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Envoy;

/// <summary>The template, as a stranger uses it: in a folder of their own.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class TemplateTests
{
    [EnvoyFact]
    public async Task The_template_makes_a_filter_for_Envoy_and_for_Outrider_with_a_test()
    {
        string folder = Directory.CreateTempSubdirectory("outrider-template-").FullName;
        try
        {
            // Templates are installed per user: this test has a home for them of its own.
            string hive = Path.Combine(folder, "hive");
            await RunAsync(folder, "new", "install", Path.Combine(EnvoyModules.Root, "templates"), "--debug:custom-hive", hive);
            await RunAsync(folder, "new", "outrider-filter", "-n", "my-filter", "--source", EnvoyModules.Root, "--debug:custom-hive", hive);
            // The rules of whoever has the folder above, as Outrider's own checkout has them, are not the project's.
            await File.WriteAllTextAsync(
                Path.Combine(folder, "Directory.Build.props"),
                "<Project><PropertyGroup><TreatWarningsAsErrors>true</TreatWarningsAsErrors><AnalysisLevel>latest-all</AnalysisLevel></PropertyGroup></Project>");
            await RunAsync(folder, "test", "my-filter/tests");
            await RunAsync(folder, "publish", "my-filter");
            Assert.True(File.Exists(Path.Combine(folder, "my-filter/bin/Release/net10.0/publish/libmy_filter.so")));
            Assert.Equal(["libmy_filter.so"], Directory.GetFiles(Path.Combine(folder, "my-filter/bin/Release/net10.0/publish")).Select(Path.GetFileName));

            int port = OutriderProcess.FreePort();
            Edit(Path.Combine(folder, "my-filter/envoy.yaml"), "port_value: 10000", $"port_value: {port}");
            using var envoy = OutriderProcess.StartIn(folder, EnvoyFactAttribute.Program!, "-c", "my-filter/envoy.yaml", "--use-dynamic-base-id", "--concurrency", "1", "-l", "warn");
            await envoy.ListensAsync(port);
            Assert.StartsWith("HTTP/1.1 403 ", await GetAsync(port, ""), StringComparison.Ordinal);
            Assert.StartsWith("HTTP/1.1 200 ", await GetAsync(port, "user: admin\r\n"), StringComparison.Ordinal);

            await RunAsync(folder, "build", "my-filter", "-c", "Release");
            int own = OutriderProcess.FreePort();
            Edit(Path.Combine(folder, "my-filter/mosn.json"), "127.0.0.1:2046", $"127.0.0.1:{own}");
            using var outrider = OutriderProcess.Start("start", "-c", Path.Combine(folder, "my-filter/mosn.json"));
            await outrider.ListensAsync(own);
            Assert.StartsWith("HTTP/1.1 403 ", await GetAsync(own, ""), StringComparison.Ordinal);
            Assert.StartsWith("HTTP/1.1 200 ", await GetAsync(own, "user: admin\r\n"), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task RunAsync(string folder, params string[] arguments)
    {
        var (code, output) = await EnvoyModules.RunAsync("dotnet", arguments, folder);
        Assert.True(code == 0, $"dotnet {string.Join(' ', arguments)}: {output}");
    }

    private static void Edit(string file, string before, string after)
    {
        string text = File.ReadAllText(file);
        Assert.Contains(before, text, StringComparison.Ordinal);
        File.WriteAllText(file, text.Replace(before, after, StringComparison.Ordinal));
    }

    private static Task<string> GetAsync(int port, string fields) => RawClient.ExchangeAsync(port, $"GET / HTTP/1.1\r\nhost: localhost\r\n{fields}connection: close\r\n\r\n");
}
