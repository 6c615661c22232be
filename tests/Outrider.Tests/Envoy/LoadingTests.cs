using System.Globalization;

namespace Outrider.Tests.Envoy;

/// <summary>Modules in a host that knows nothing of .NET.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class LoadingTests(EnvoyModules modules)
{
    // The minute is for those who ask for it: OUTRIDER_STRESS_SECONDS=60.
    private static readonly string s_seconds = Environment.GetEnvironmentVariable("OUTRIDER_STRESS_SECONDS") ?? "5";

    [EnvoyFact]
    public async Task A_module_stays_when_its_host_closes_it_and_two_stand_collections_beside_threads_that_allocate()
    {
        string one = await modules.PublishAsync("tests/modules/test-filters");
        string other = modules.Copy(one, "test_filters_beside");
        string loader = Path.Combine(modules.Folder, "loader");
        string source = Path.Combine(EnvoyModules.Root, "tests", "Outrider.Tests", "Envoy", "loader.c");
        var (built, text) = await EnvoyModules.RunAsync("gcc", ["-O1", "-rdynamic", "-pthread", "-o", loader, source, "-ldl"]);
        Assert.True(built == 0, text);

        var (code, output) = await EnvoyModules.RunAsync(loader, [s_seconds, Library(one), Library(other)]);

        Assert.True(code == 0, string.Create(CultureInfo.InvariantCulture, $"exit {code}: {output}"));
        Assert.Equal("2 still there\n", output);

        string Library(string module) => Path.Combine(modules.Folder, $"lib{module}.so");
    }

    [EnvoyFact]
    public async Task Modules_load_where_addresses_are_scarce()
    {
        string one = await modules.PublishAsync("tests/modules/test-filters");
        string other = modules.Copy(one, "test_filters_beside");
        string loader = Path.Combine(modules.Folder, "loader");
        string source = Path.Combine(EnvoyModules.Root, "tests", "Outrider.Tests", "Envoy", "loader.c");
        Assert.Equal(0, (await EnvoyModules.RunAsync("gcc", ["-O1", "-rdynamic", "-pthread", "-o", loader, source, "-ldl"])).Code);

        // 16 GB of addresses in all; by default one heap alone would ask for 256.
        var (code, output) = await EnvoyModules.RunAsync("/bin/sh", ["-c", $"ulimit -v 16777216; exec {loader} 1 {modules.Folder}/lib{one}.so {modules.Folder}/lib{other}.so"]);

        Assert.True(code == 0, output);
    }
}
