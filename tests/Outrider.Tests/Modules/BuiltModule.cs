using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Outrider.Tests.CommandLine;

namespace Outrider.Tests.Modules;

/// <summary>Modules built from the sources beside these tests, each once in a run.</summary>
internal static class BuiltModule
{
    private static readonly string s_folder = Directory.CreateTempSubdirectory("outrider-modules-").FullName;
    private static readonly ConcurrentDictionary<string, Lazy<string>> s_built = new();

    static BuiltModule() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(s_folder, recursive: true);

    private static string Sources => Path.Combine(SampleCopy.Root, "tests", "Outrider.Tests", "Modules", "Sources");

    /// <summary>The module with one filter for each thing that a test wants to see.</summary>
    internal static string Every => C("every");

    /// <summary>Builds a C module; its file.</summary>
    internal static string C(string name, params string[] options) => Build(name + string.Concat(options) + ".so", file =>
        Run("gcc", ["-shared", "-fPIC", "-O1", "-pthread", .. options, "-o", file, Path.Combine(Sources, name + ".c")]));

    /// <summary>Builds a Rust module; its file.</summary>
    internal static string Rust(string name) => Build(name + "-rs.so", file =>
        Run("rustc", ["--edition", "2021", "--crate-type", "cdylib", "-O", "-C", "panic=abort", "-o", file, Path.Combine(Sources, name + ".rs")]));

    /// <summary>A number that a module tells by a function of its own.</summary>
    internal static unsafe int Ask(string module, string function)
        => ((delegate* unmanaged[Cdecl]<int>)NativeLibrary.GetExport(NativeLibrary.Load(module), function))();

    private static string Build(string name, Action<string> build)
        => s_built.GetOrAdd(name, _ => new Lazy<string>(() =>
        {
            string file = Path.Combine(s_folder, name);
            build(file);
            return file;
        })).Value;

    private static void Run(string compiler, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(FactWithAttribute.Find(compiler)!, arguments) { RedirectStandardError = true })!;
        string said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{compiler}: {said}");
    }
}
