using System.Diagnostics;

namespace Outrider.Tests.Envoy;

/// <summary>The modules of these tests, each published once: by <c>dotnet publish</c>, as a user does it.</summary>
public sealed class EnvoyModules : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private readonly Dictionary<string, string> _published = [];

    public EnvoyModules()
    {
        Folder = Path.Combine(Path.GetTempPath(), "outrider-modules-" + Guid.NewGuid().ToString("N")[..8]);
        Directory.CreateDirectory(Folder);
    }

    /// <summary>Where Envoy finds them.</summary>
    public string Folder { get; }

    /// <summary>The repository's root.</summary>
    internal static string Root { get; } = FindRoot();

    /// <summary>Publishes a project of this repository. Returns the module's name.</summary>
    internal async Task<string> PublishAsync(string project)
    {
        await _one.WaitAsync();
        try
        {
            if (!_published.TryGetValue(project, out string? name))
            {
                name = await PublishAsync(Path.Combine(Root, project), Folder);
                _published.Add(project, name);
            }

            return name;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Builds a project of this repository, once. Returns its assembly.</summary>
    internal async Task<string> BuildAsync(string project)
    {
        string output = Path.Combine(Folder, "built-" + Path.GetFileName(project)), assembly = Path.Combine(output, Path.GetFileName(project) + ".dll");
        await _one.WaitAsync();
        try
        {
            if (!File.Exists(assembly))
            {
                var (code, text) = await RunAsync("dotnet", ["build", Path.Combine(Root, project), "-c", "Release", "-o", output]);
                Assert.True(code == 0, $"dotnet build {project}: {text}");
            }

            return assembly;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The same module once more, under another name: a library of its own for the loader.</summary>
    internal string Copy(string name, string copy)
    {
        File.Copy(Path.Combine(Folder, $"lib{name}.so"), Path.Combine(Folder, $"lib{copy}.so"), overwrite: true);
        return copy;
    }

    internal static async Task<string> PublishAsync(string project, string folder, params string[] arguments)
    {
        string output = Path.Combine(folder, "publish-" + Path.GetFileName(project));
        var (code, text) = await RunAsync("dotnet", ["publish", project, "-c", "Release", "-o", output, .. arguments]);
        Assert.True(code == 0, $"dotnet publish {project}: {text}");
        string library = Assert.Single(Directory.GetFiles(output, "lib*.so"));
        File.Move(library, Path.Combine(folder, Path.GetFileName(library)), overwrite: true);
        return Path.GetFileNameWithoutExtension(library)[3..];
    }

    internal static async Task<(int Code, string Output)> RunAsync(string program, string[] arguments, string? folder = null)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? "" };
        // What the test runner sets for itself is not meant for the programs that it starts.
        start.Environment.Remove("MSBUILD_EXE_PATH");
        start.Environment.Remove("MSBuildSDKsPath");
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // The commands of .NET's SDK leave two empty folders behind, each of them: here they go with this one.
        string temporary = Directory.CreateTempSubdirectory("outrider-run-").FullName;
        start.Environment["TMPDIR"] = temporary;
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode, await output + await error);
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    public void Dispose()
    {
        _one.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Outrider.slnx")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
