using System.Text;
using Outrider.Configuration;
using Outrider.Running;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Samples;

/// <summary>Our own proxy with a sample's <c>mosn.json</c> and the assembly that it names, on ports that are free.</summary>
internal static class SampleProxy
{
    private static readonly string s_build = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Parent!.Name;

    /// <summary>Starts a sample; <paramref name="edits"/> are texts of its file and what a test wants in their place.</summary>
    internal static Task<TestProxy> StartAsync(string sample, params (string Before, string After)[] edits)
    {
        string file = Path.Combine(SampleCopy.Root, "samples", sample, "mosn.json");
        string json = File.ReadAllText(file);
        foreach (var (before, after) in edits.Append(("bin/Release/", $"bin/{s_build}/")).Append(("127.0.0.1:10000", "127.0.0.1:0")).Append(("\"stdout\"", "\"/dev/null\"")))
        {
            Assert.Contains(before, json, StringComparison.Ordinal);
            json = json.Replace(before, after, StringComparison.Ordinal);
        }

        var extensions = ExtensionFolder.Load();
        extensions.LoadListed(ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), file).Configuration);
        return TestProxy.StartJsonAsync(json, extensions.Filters, file: file);
    }
}
