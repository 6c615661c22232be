using System.Globalization;
using Outrider.Tests.CommandLine;

namespace Outrider.Tests.Plugins;

/// <summary>The sample <c>subprocess-filter</c> in a folder of its own, with ports that are free and a checker that lies elsewhere.</summary>
internal sealed class PluginSampleCopy : IDisposable
{
    internal PluginSampleCopy(int upstream, string pluginFolder)
    {
        Port = OutriderProcess.FreePort();
        AdminPort = OutriderProcess.FreePort();
        Folder = Directory.CreateTempSubdirectory("outrider-test-").FullName;
        File = Path.Combine(Folder, "mosn.json");
        string sample = Path.Combine(SampleCopy.Root, "samples", "subprocess-filter");
        // A name that only this test's processes have in their command line.
        Marker = Path.Combine(Folder, "checkconf.json");
        System.IO.File.Copy(Path.Combine(sample, "checkconf.json"), Marker);
        System.IO.File.WriteAllText(File, System.IO.File.ReadAllText(Path.Combine(sample, "mosn.json"))
            .Replace("127.0.0.1:2046", Address(Port), StringComparison.Ordinal)
            .Replace("127.0.0.1:8080", Address(upstream), StringComparison.Ordinal)
            .Replace("34901", AdminPort.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("./checkconf.json", Marker, StringComparison.Ordinal)
            .Replace("  \"servers\"", $"  \"plugin_dir\": \"{pluginFolder}\",\n  \"plugin\": {{ \"start_timeout\": \"60s\" }},\n  \"servers\"", StringComparison.Ordinal));
    }

    internal int Port { get; }

    internal int AdminPort { get; }

    internal string Folder { get; }

    internal string File { get; }

    internal string Marker { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string Address(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
}
