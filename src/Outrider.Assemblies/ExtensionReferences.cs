using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Runtime.Loader;
using Outrider.Filters;

namespace Outrider.Assemblies;

/// <summary>
/// Finds what an extension refers to and would not find when it runs. .NET looks for an assembly, a class or a method when code that
/// uses it runs for the first time: what is missing would be a 500 at some request, and not an error at the start.
/// </summary>
internal static class ExtensionReferences
{
    private const int MaxTold = 5;

    // Where a project can be published as a module, too, one generated method of its assembly refers to this. Nobody calls that in an assembly.
    private const string ModuleGuest = "Outrider.Envoy";

    private static readonly HashSet<string> s_platform = [.. ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(file => Path.GetFileNameWithoutExtension(file))];

    /// <summary>The extension API of this proxy.</summary>
    internal static AssemblyName Api { get; } = typeof(StreamFilter).Assembly.GetName();

    /// <summary>Throws when an assembly that the extension itself refers to is nowhere, or is a newer extension API than this proxy's. Loads nothing.</summary>
    /// <returns>The version of the extension API that it was built for; null where it does not refer to it.</returns>
    /// <exception cref="IOException">The message names what is missing.</exception>
    internal static Version? RequireAssemblies(Assembly assembly, AssemblyDependencyResolver resolver)
    {
        var api = Api;
        Version? built = null;
        foreach (var reference in assembly.GetReferencedAssemblies())
        {
            if (reference.Name == api.Name)
            {
                built = reference.Version;
                if (reference.Version > api.Version)
                {
                    throw new IOException($"it was built for {api.Name} {reference.Version}, and this proxy has {api.Version}: build it against this version, or take a newer proxy");
                }
            }
            else if (reference.Name != ModuleGuest && resolver.ResolveAssemblyToPath(reference) is null && !s_platform.Contains(reference.Name!))
            {
                throw new IOException(reference.Name!.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal)
                    ? $"it refers to {reference.Name} of the ASP.NET Core framework, which the proxy runs without: use System.Net.Http and packages, or make it a plugin in a process of its own (docs/plugins.md)"
                    : $"it refers to {reference.Name} {reference.Version}, which is not beside it: publish it (dotnet publish), or set EnableDynamicLoading so that a build copies its dependencies");
            }
        }

        return built;
    }

    /// <summary>Throws when a class, method or field that the extension itself refers to is not in the assembly that should have it. Loads what it refers to.</summary>
    /// <param name="assembly">The extension.</param>
    /// <param name="built">The version of the extension API that it was built for; null where it does not refer to it.</param>
    /// <exception cref="IOException">The message names what is missing, the first few of it, and the versions where they are not the same.</exception>
    internal static void RequireMembers(Assembly assembly, Version? built)
    {
        var missing = new List<string>();
        foreach (int token in Tokens(assembly))
        {
            if (WhyMissing(assembly.ManifestModule, token) is { } problem && !missing.Contains(problem))
            {
                missing.Add(problem);
            }
        }

        if (missing.Count > 0)
        {
            string versions = built is null || built == Api.Version ? "" : $"it was built for {Api.Name} {built}, and this proxy has {Api.Version}: ";
            throw new IOException(versions + "what it refers to is not there: " + string.Join("; ", missing.Take(MaxTold)) + (missing.Count > MaxTold ? $"; and {missing.Count - MaxTold} more" : ""));
        }
    }

    private static unsafe List<int> Tokens(Assembly assembly)
    {
        if (!assembly.TryGetRawMetadata(out byte* start, out int length))
        {
            return [];
        }

        var metadata = new MetadataReader(start, length);
        bool IsNeeded(TypeReferenceHandle handle) => metadata.GetTypeReference(handle).ResolutionScope is not { Kind: HandleKind.AssemblyReference } scope
            || metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)scope).Name) != ModuleGuest;
        return
        [
            .. metadata.TypeReferences.Where(IsNeeded).Select(handle => MetadataTokens.GetToken(handle)),
            .. metadata.MemberReferences.Where(handle => metadata.GetMemberReference(handle).Parent is not { Kind: HandleKind.TypeReference } parent || IsNeeded((TypeReferenceHandle)parent)).Select(handle => MetadataTokens.GetToken(handle)),
        ];
    }

    private static string? WhyMissing(Module module, int token)
    {
        try
        {
            _ = (token >> 24) == (int)TableIndex.TypeRef ? module.ResolveType(token) : module.ResolveMember(token, null, null);
            return null;
        }
        catch (Exception e) when (e is MissingMemberException or TypeLoadException or IOException)
        {
            return e.Message.ReplaceLineEndings(" ");
        }
        catch (Exception e) when (e is ArgumentException or BadImageFormatException or NotSupportedException)
        {
            // A member of a generic class over type parameters, which only its user could fill in.
            return null;
        }
    }
}
