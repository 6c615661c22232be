using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Outrider.Filters;

namespace Outrider.Tests.Libraries;

/// <summary>Assemblies with filters, compiled by a test from source: as many versions as it needs.</summary>
internal static class CompiledLibrary
{
    private static readonly Lazy<MetadataReference[]> s_references = new(static () =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(file => Path.GetFileName(file).StartsWith("System.", StringComparison.Ordinal)).Append(typeof(StreamFilter).Assembly.Location)
            .Select(file => MetadataReference.CreateFromFile(file)),
    ]);

    /// <summary>A filter of the name <c>version</c> that says on each response which version it is, with more members and statements.</summary>
    internal static string Source(string version, string members = "", string onResponse = "", string config = "") => $$"""
        using System;
        using System.Collections.Generic;
        using System.Threading;
        using System.Threading.Tasks;
        using Outrider.Filters;

        namespace Versions;

        public sealed class VersionConfig
        {
            public string? Note { get; set; }
        }

        [StreamFilter("version")]
        public sealed class VersionFilter(VersionConfig config) : StreamFilter
        {
            {{members}}

            public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
            {
                headers.Set("x-version"u8, "{{version}}"u8);
                headers.Set("x-note", config.Note ?? "none");
                {{onResponse}}
                return FilterAction.Continue;
            }
        }
        {{config}}
        """;

    /// <summary>Compiles, and puts the file in its place by a rename, as a careful installer does.</summary>
    internal static void Write(string path, string source, params MetadataReference[] references)
    {
        string fresh = path + ".new";
        File.WriteAllBytes(fresh, Compile(Path.GetFileNameWithoutExtension(path), source, references));
        File.Move(fresh, path, overwrite: true);
    }

    /// <param name="name">The assembly's name.</param>
    /// <param name="source">C#.</param>
    /// <param name="references">More that it refers to; one of the name of the extension API takes its place.</param>
    /// <param name="platform">What it is for.</param>
    internal static byte[] Compile(string name, string source, MetadataReference[]? references = null, Platform platform = Platform.AnyCpu)
    {
        var compilation = CSharpCompilation.Create(
            name,
            [CSharpSyntaxTree.ParseText(source)],
            [.. s_references.Value.Where(known => !(references ?? []).Any(other => other.Display == "Outrider.Filters" && known.Display!.EndsWith("/Outrider.Filters.dll", StringComparison.Ordinal))), .. references ?? []],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, platform: platform, nullableContextOptions: NullableContextOptions.Enable));
        using var bytes = new MemoryStream();
        var result = compilation.Emit(bytes);
        Assert.True(result.Success, string.Join("\n", result.Diagnostics));
        return bytes.ToArray();
    }
}
