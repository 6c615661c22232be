using Outrider.Tests.CommandLine;

namespace Outrider.Tests.Envoy;

/// <summary>The module that starts .NET in Envoy, made as a user makes it, beside the others: once for all tests.</summary>
internal static class HostedFolder
{
    private static readonly SemaphoreSlim s_one = new(1);

    internal const string Module = "outrider";

    /// <summary>Makes it where <paramref name="modules"/> are.</summary>
    internal static async Task MakeAsync(EnvoyModules modules)
    {
        await s_one.WaitAsync();
        try
        {
            if (!File.Exists(Path.Combine(modules.Folder, "liboutrider.so")))
            {
                var (code, said, error) = await OutriderProcess.RunAsync("envoy", "module", "--out", modules.Folder);
                Assert.True(code == 0, error);
                Assert.Contains("liboutrider.so", said, StringComparison.Ordinal);
            }
        }
        finally
        {
            s_one.Release();
        }
    }

    /// <summary>What Envoy is configured with for an assembly.</summary>
    internal static string Config(string assembly, string? config = null, string more = "")
        => EnvoyYaml.Struct($"{{ assembly: \"{assembly}\"{(config is null ? "" : ", config: " + config)}{more} }}");
}
