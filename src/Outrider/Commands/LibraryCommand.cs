using System.CommandLine;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Outrider.Assemblies.Swapping;
using Outrider.Filters;
using Outrider.Plugins.Libraries;
using Outrider.Running;

namespace Outrider.Commands;

/// <summary>Says what a file with filters is, and what is in it.</summary>
internal static class LibraryCommand
{
    internal static Command Describe()
    {
        var file = new Argument<string>("FILE") { Description = "A .dll, or a .so for Envoy's dynamic-module ABI" };
        var inspect = new Command("inspect", "Says what a library is, which versions it wants, and which filters it has") { file };
        inspect.SetAction((result, _) => Task.FromResult(Inspect(Path.GetFullPath(result.GetRequiredValue(file)))));
        return new Command("library", "Files with the code of filters") { inspect };
    }

    private static int Inspect(string path)
    {
        if (LibraryKind.IsAssembly(path))
        {
            InspectAssembly(path);
        }
        else
        {
            var (hooks, callbacks) = LibraryKind.Examine(path);
            Console.WriteLine($"{path}: a shared library, a module of Envoy's ABI");
            TellTrust(path);
            foreach (string hook in hooks.Where(static hook => hook.EndsWith("_config_new", StringComparison.Ordinal) && !hook.Contains("per_route", StringComparison.Ordinal)))
            {
                // http_filter_config_new, network_filter_config_new, access_logger_config_new, …
                Console.WriteLine($"  brings {hook[..^"_config_new".Length].Replace('_', ' ')}s");
            }

            if (callbacks.Count == 0)
            {
                Console.WriteLine("  which of Envoy's functions it calls is not in its tables: it looks for them when it runs");
            }

            foreach (string callback in callbacks)
            {
                Console.WriteLine("  calls " + callback);
            }
        }

        return 0;
    }

    private static void InspectAssembly(string path)
    {
        var libraries = new AssemblyLibraries(examine: true);
        var version = libraries.Use(path, isHot: false);
        Console.WriteLine($"{path}: a .NET assembly, version {version.AssemblyVersion}");
        TellTrust(path);
        using (var image = new PEReader(File.OpenRead(path)))
        {
            var metadata = image.GetMetadataReader();
            var api = typeof(StreamFilter).Assembly.GetName();
            foreach (var reference in metadata.AssemblyReferences.Select(metadata.GetAssemblyReference).OrderBy(reference => metadata.GetString(reference.Name), StringComparer.Ordinal))
            {
                string name = metadata.GetString(reference.Name);
                Console.WriteLine($"  refers to {name} {reference.Version}{(name == api.Name ? $" (here: {api.Version})" : "")}");
            }
        }

        foreach (string name in version.Filters.Names)
        {
            Console.WriteLine($"  filter {name}{(version.Filters.FindRouteReader(name) is null ? "" : ", with a configuration")}");
            foreach (string line in version.Describe(name))
            {
                Console.WriteLine("    " + line);
            }
        }

        var others = ExtensionFolder.Empty().Find(version).Where(static extension => extension.Kind != "stream filter").ToArray();
        foreach (var (kind, name) in others)
        {
            Console.WriteLine($"  {kind} {name}");
        }

        if (version.Filters.Names.Count == 0 && others.Length == 0)
        {
            Console.WriteLine("  no extension: wanted a public class with [StreamFilter(\"name\")], or of another kind (docs/extension-points.md)");
        }
    }

    private static void TellTrust(string path)
    {
        try
        {
            FileTrust.Require(path);
        }
        catch (IOException e)
        {
            Console.WriteLine("  " + e.Message);
        }
    }
}
