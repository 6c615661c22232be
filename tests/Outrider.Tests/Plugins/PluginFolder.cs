using System.Diagnostics;
using System.Globalization;
using Outrider.Tests.CommandLine;

namespace Outrider.Tests.Plugins;

/// <summary>A plugin folder of a test's own, with executables that are scripts or programs built elsewhere.</summary>
internal sealed class PluginFolder : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("outrider-test-plugins-").FullName;

    /// <summary>The program that does what it is told, as it was built with the tests.</summary>
    internal static string Obedient { get; } = Built("tests/Outrider.Tests.Plugin", "obedient");

    /// <summary>The sample's checker in C#.</summary>
    internal static string CheckerFolder { get; } = System.IO.Path.GetDirectoryName(Built("samples/subprocess-filter/checker-csharp", "checker"))!;

    /// <summary>The sample's certificate loader in C#.</summary>
    internal static string LoaderFolder { get; } = System.IO.Path.GetDirectoryName(Built("samples/cert-loader/loader-csharp", "loader"))!;

    /// <summary>The obedient plugin, under a name.</summary>
    internal PluginFolder WithObedient(string name = "obedient") => With(Obedient, name);

    /// <summary>A program that lies elsewhere, under a name.</summary>
    internal PluginFolder With(string program, string name)
    {
        File.CreateSymbolicLink(FileOf(name), program);
        return this;
    }

    /// <summary>A shell script, under a name.</summary>
    internal PluginFolder WithScript(string name, string text)
    {
        // Written by another process: a child that another test starts at this moment would inherit our open file, which can
        // not be executed while it is open for writing.
        using var writer = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "cat >\"$0\"; chmod +x \"$0\"", FileOf(name)]) { RedirectStandardInput = true })!;
        writer.StandardInput.Write("#!/bin/sh\n" + text + "\n");
        writer.StandardInput.Close();
        writer.WaitForExit();
        return this;
    }

    internal string FileOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>The processes that have this word in their command line.</summary>
    internal static List<int> ProcessesWith(string word)
    {
        var found = new List<int>();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(System.IO.Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id) && id != Environment.ProcessId
                && CommandOf(folder).Contains(word, StringComparison.Ordinal))
            {
                found.Add(id);
            }
        }

        return found;
    }

    /// <summary>Does a process still run? One that nobody has waited for yet does not.</summary>
    internal static bool Runs(int process)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Stops a process in its tracks: it is there, and does nothing.</summary>
    internal static void Freeze(int process)
    {
        using var kill = Process.Start("kill", ["-STOP", process.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static string CommandOf(string folder)
    {
        try
        {
            return File.ReadAllText(folder + "/cmdline");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string Built(string project, string program)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        string file = System.IO.Path.Combine(SampleCopy.Root, project, "bin", output.Parent!.Name, "net10.0", program);
        return File.Exists(file) ? file : throw new FileNotFoundException("build the solution first: dotnet build", file);
    }
}
