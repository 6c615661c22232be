using System.Globalization;

namespace Outrider.Tests.CommandLine;

/// <summary>The sample's configuration in a folder of its own, with ports that are free.</summary>
internal sealed class SampleCopy : IDisposable
{
    internal SampleCopy(int upstream)
    {
        Port = OutriderProcess.FreePort();
        AdminPort = OutriderProcess.FreePort();
        Folder = Directory.CreateTempSubdirectory("outrider-test-").FullName;
        File = Path.Combine(Folder, "mosn.json");
        Write(System.IO.File.ReadAllText(Path.Combine(Root, "samples", "simple-streamfilter", "mosn.json"))
            .Replace("127.0.0.1:2046", Address(Port), StringComparison.Ordinal)
            .Replace("127.0.0.1:8080", Address(upstream), StringComparison.Ordinal)
            .Replace("34901", AdminPort.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
    }

    internal static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(OutriderProcess.ProgramFile)!, "..", "..", "..", "..", ".."));

    internal int Port { get; }

    internal int AdminPort { get; }

    internal string Folder { get; }

    internal string File { get; }

    internal void Edit(string before, string after)
    {
        string text = System.IO.File.ReadAllText(File);
        Assert.Contains(before, text, StringComparison.Ordinal);
        Write(text.Replace(before, after, StringComparison.Ordinal));
    }

    internal void Write(string text) => System.IO.File.WriteAllText(File, text);

    internal string Url(string path = "/") => $"http://{Address(Port)}{path}";

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string Address(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
}
