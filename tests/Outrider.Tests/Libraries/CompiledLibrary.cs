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
    internal static void Write(string path, string source)
    {
        string fresh = path + ".new";
        File.WriteAllBytes(fresh, Compile(Path.GetFileNameWithoutExtension(path), source));
        File.Move(fresh, path, overwrite: true);
    }

    internal static byte[] Compile(string name, string source)
    {
        var compilation = CSharpCompilation.Create(
            name,
            [CSharpSyntaxTree.ParseText(source)],
            s_references.Value,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable));
        using var bytes = new MemoryStream();
        var result = compilation.Emit(bytes);
        Assert.True(result.Success, string.Join("\n", result.Diagnostics));
        return bytes.ToArray();
    }
}
