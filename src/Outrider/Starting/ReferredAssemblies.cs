using System.Reflection;
using System.Runtime.Loader;

namespace Outrider.Starting;

/// <summary>
/// Loads what assemblies refer to and .NET has not wanted yet: all that our own do, and all that extensions do, with what that refers to
/// in its turn. Not what the framework's assemblies which only we refer to do: that is most of the framework, two descriptors
/// each, and <see cref="FirstUses"/> has used what the proxy wants of it.
/// </summary>
internal static class ReferredAssemblies
{
    // What makes the text of an exception's stack, where there are symbols.
    private static readonly string[] s_unreferred = ["System.Diagnostics.StackTrace", "System.Reflection.Metadata", "System.Collections.Immutable", "System.IO.MemoryMappedFiles", "System.IO.Compression"];

    // A process that has started has read its command line.
    private const string CommandLine = "System.CommandLine";

    private static readonly string s_framework = Path.GetDirectoryName(typeof(object).Assembly.Location)! + "/";

    /// <summary>Loads them. What is missing is told when it is wanted. Again after further extensions were loaded.</summary>
    internal static void Load()
    {
        var own = OfContext(AssemblyLoadContext.Default).Where(assembly => !IsOfFramework(assembly));
        var seen = new HashSet<Assembly>(own);
        Walk(seen, static assembly => !IsOfFramework(assembly));
        foreach (string name in s_unreferred)
        {
            _ = Find(AssemblyLoadContext.Default, new AssemblyName(name));
        }

        Walk(Extensions(), static _ => true);
    }

    /// <summary>The names of all assemblies that extensions refer to, but for the extensions' own.</summary>
    internal static HashSet<string> NamesOfExtensions()
        => [.. Extensions().SelectMany(assembly => assembly.GetReferencedAssemblies()).Select(name => name.Name!)];

    private static HashSet<Assembly> Extensions()
        => [.. AssemblyLoadContext.All.Where(context => context != AssemblyLoadContext.Default).SelectMany(OfContext)];

    private static IEnumerable<Assembly> OfContext(AssemblyLoadContext context) => context.Assemblies.Where(assembly => !assembly.IsDynamic);

    private static bool IsOfFramework(Assembly assembly) => assembly.Location.StartsWith(s_framework, StringComparison.Ordinal);

    private static void Walk(HashSet<Assembly> seen, Predicate<Assembly> isWalked)
    {
        var left = new Queue<Assembly>(seen);
        while (left.TryDequeue(out var assembly))
        {
            var context = AssemblyLoadContext.GetLoadContext(assembly)!;
            foreach (var name in assembly.GetReferencedAssemblies())
            {
                if (name.Name != CommandLine && Find(context, name) is { } found && isWalked(found) && seen.Add(found))
                {
                    left.Enqueue(found);
                }
            }
        }
    }

    private static Assembly? Find(AssemblyLoadContext context, AssemblyName name)
    {
        try
        {
            return context.LoadFromAssemblyName(name);
        }
        catch (Exception e) when (e is IOException or BadImageFormatException)
        {
            // Not there; perhaps never wanted either.
            return null;
        }
    }
}
