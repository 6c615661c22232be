using System.CommandLine;
using Outrider.Nginx;

namespace Outrider.Commands;

/// <summary>Makes the module that runs assemblies inside a stock Envoy.</summary>
internal static class EnvoyCommand
{
    internal const string FileName = "liboutrider.so";

    // The assemblies beside the module, which it looks for under this name.
    private const string FolderName = "outrider";

    internal static Command Describe()
    {
        var output = new Option<string>("--out", "-o") { Description = $"The folder for {FileName} and what it needs", HelpName = "DIR", Required = true };
        var compiler = new Option<string>("--cc") { Description = "The C compiler", HelpName = "PROGRAM", DefaultValueFactory = static _ => "cc" };
        var module = new Command("module", $"Makes {FileName}, by which a stock Envoy runs .dll files (docs/envoy-hosted.md)") { output, compiler };
        module.SetAction((result, _) => MakeAsync(result.GetRequiredValue(output), result.GetRequiredValue(compiler)));
        return new Command("envoy", "Filters inside a stock Envoy") { module };
    }

    /// <summary>Makes it.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    internal static async Task<int> MakeAsync(string output, string compiler)
    {
        string from = Path.Combine(AppContext.BaseDirectory, "envoy");
        string source = Path.Combine(from, "native", "outrider_module.c");
        if (!File.Exists(source))
        {
            throw new IOException($"the module's files are not beside the program ({from})");
        }

        string folder = Path.Combine(Path.GetFullPath(output), FolderName);
        _ = Directory.CreateDirectory(folder);
        foreach (string file in Directory.EnumerateFiles(from))
        {
            BuildStep.Place(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        string module = Path.Combine(Path.GetFullPath(output), FileName);
        string fresh = module + ".new";
        var (code, said) = await BuildStep.RunAsync(compiler, ["-O2", "-fPIC", "-fvisibility=hidden", "-shared", "-o", fresh, source, "-ldl"], null).ConfigureAwait(false);
        if (code != 0)
        {
            throw new IOException($"{compiler} ended with {code}:\n{said.TrimEnd()}");
        }

        File.Move(fresh, module, overwrite: true);
        await Console.Out.WriteLineAsync($"{module}, with its assemblies in {folder}").ConfigureAwait(false);
        return 0;
    }
}
