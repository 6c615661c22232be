using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Outrider.Analyzers;
using Outrider.Tests.CommandLine;

namespace Outrider.Tests.Testing;

/// <summary>What the compiler says of the traps in filters: where it warns, and where it does not.</summary>
public sealed partial class AnalyzerTests
{
    private static readonly ImmutableArray<DiagnosticAnalyzer> s_all =
    [
        new InitPropertyAnalyzer(), new AwaitAnalyzer(), new BlockingAnalyzer(), new KeptMemoryAnalyzer(), new MetricLabelAnalyzer(),
    ];

    private static readonly MetadataReference[] s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':')
            .Where(path => !Path.GetFileName(path).StartsWith("Outrider.StockFilters", StringComparison.Ordinal)).Select(path => MetadataReference.CreateFromFile(path)),
    ];

    [Theory]
    [InlineData("public string A { get; init; } = \"x\";", true)]
    [InlineData("public string A { get; set; } = \"x\";", false)]
    [InlineData("public required string A { get; init; }", false)]
    [InlineData("public string? A { get; init; }", false)]
    [InlineData("public Inner[] A { get; set; } = []; } public sealed class Inner { public int B { get; init; } = 3;", true)]
    [InlineData("public System.Collections.Generic.Dictionary<string, Inner> A { get; set; } = []; } public sealed class Inner { public int B { get; init; } = 3;", true)]
    [InlineData("[JsonIgnore] public string A { get; init; } = \"x\";", false)]
    public async Task Init_properties_with_a_default_that_a_generated_context_reads(string members, bool warns)
        => await ExpectAsync($$"""
            public sealed class Config { {{members}} }
            [JsonSerializable(typeof(Config))] public sealed partial class Context : JsonSerializerContext;
            """, "OUTRIDER101", warns);

    [Fact]
    public async Task Positional_records_and_classes_that_no_context_reads_may_have_them()
        => await ExpectAsync("""
            public sealed record Config(string A = "x");
            public sealed class Other { public string A { get; init; } = "x"; }
            [JsonSerializable(typeof(Config))] public sealed partial class Context : JsonSerializerContext;
            """, "OUTRIDER101", warns: false);

    [Theory]
    [InlineData("await Task.Delay(1).ConfigureAwait(false);", true)]
    [InlineData("await Task.Delay(1).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);", true)]
    [InlineData("await ValueTask.CompletedTask.ConfigureAwait(continueOnCapturedContext: false);", true)]
    [InlineData("await Task.Delay(1).ConfigureAwait(true);", false)]
    [InlineData("await Task.Delay(1).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);", false)]
    [InlineData("await Task.Delay(1);", false)]
    public async Task Awaits_that_do_not_come_back(string statement, bool warns)
    {
        await ExpectAsync(Filter(statement), "OUTRIDER102", warns);
        await ExpectAsync("public static class Elsewhere { public static async Task Do() { " + statement + " } }", "OUTRIDER102", warns: false);
    }

    [Theory]
    [InlineData("_ = Task.FromResult(1).Result;", true)]
    [InlineData("Task.Delay(1).Wait();", true)]
    [InlineData("Task.WaitAll(Task.Delay(1));", true)]
    [InlineData("Task.Delay(1).GetAwaiter().GetResult();", true)]
    [InlineData("_ = new ValueTask<int>(1).GetAwaiter().GetResult();", true)]
    [InlineData("_ = Task.FromResult(1).ConfigureAwait(true).GetAwaiter().GetResult();", true)]
    [InlineData("System.Threading.Thread.Sleep(1);", true)]
    [InlineData("new System.Threading.SemaphoreSlim(1).Wait();", true)]
    [InlineData("new System.Threading.ManualResetEvent(true).WaitOne();", true)]
    [InlineData("await new System.Threading.SemaphoreSlim(1).WaitAsync();", false)]
    [InlineData("await Task.Run(() => System.Threading.Thread.Sleep(1));", false)]
    [InlineData("var task = Task.FromResult(1); if (task.IsCompletedSuccessfully) { _ = task.Result; }", false)]
    [InlineData("var other = new { Result = 1 }; _ = other.Result;", false)]
    public async Task Calls_that_block(string statement, bool warns)
    {
        await ExpectAsync(Filter(statement), "OUTRIDER103", warns);
        await ExpectAsync("public static class Elsewhere { public static async Task Do() { await Task.Yield(); " + statement + " } }", "OUTRIDER103", warns: false);
    }

    [Theory]
    [InlineData("var path = headers.Path; headers.Set(\"a\", \"b\"); Use(path);", true)]
    [InlineData("if (headers.TryGetValue(\"a\"u8, out var value)) { headers.Remove(\"b\"); Use(value); }", true)]
    [InlineData("var field = headers[0]; headers.Path = \"/x\"u8; Use(field.Value);", true)]
    [InlineData("var path = headers.Path; headers.Set(\"a\"u8, path);", false)]
    [InlineData("var path = headers.Path; headers.Set(\"a\", \"b\"); path = headers.Path; Use(path);", false)]
    [InlineData("var path = headers.Path; if (path.IsEmpty) { headers.Set(\"a\", \"b\"); return; } Use(path);", false)]
    [InlineData("var path = headers.PathString; headers.Set(\"a\", \"b\"); Use(System.Text.Encoding.UTF8.GetBytes(path));", false)]
    public async Task Spans_that_are_read_after_a_change(string statements, bool warns)
        => await ExpectAsync(
            "public sealed class F : StreamFilter { private static void Use(System.ReadOnlySpan<byte> span) { } private static void Do(RequestHeaders headers) { " + statements + " } }",
            "OUTRIDER104",
            warns);

    [Theory]
    [InlineData("_kept = data;", true)]
    [InlineData("_kept ??= data;", true)]
    [InlineData("_bytes = data.ToArray();", false)]
    [InlineData("var local = data; _ = local;", false)]
    public async Task Bodies_that_are_kept(string statement, bool warns)
        => await ExpectAsync(
            "public sealed class F : StreamFilter { private BodyBuffer? _kept; private byte[]? _bytes; public override ValueTask<FilterAction> DecodeDataAsync(BodyBuffer data, bool endStream) { "
            + statement + " return FilterAction.Continue; } }",
            "OUTRIDER104",
            warns);

    [Theory]
    [InlineData("counter.Add(1, headers.GetString(\"a\")!);", true)]
    [InlineData("counter.Add(1, headers.PathString);", true)]
    [InlineData("counter.Add(1, $\"x{headers.GetString(\"a\")}\");", true)]
    [InlineData("counter.Add(1, System.Text.Encoding.UTF8.GetString(headers.Path));", true)]
    [InlineData("var tenant = headers.GetString(\"a\") ?? \"none\"; counter.Add(1, tenant.ToLowerInvariant());", true)]
    [InlineData("if (headers.TryGetValue(\"a\"u8, out var value)) { var text = System.Text.Encoding.UTF8.GetString(value); counter.Add(1, \"fixed\", text); }", true)]
    [InlineData("counter.Add(1, headers.Contains(\"a\"u8) ? \"yes\" : \"no\");", false)]
    [InlineData("var tenant = headers.GetString(\"a\"); counter.Add(1, tenant == \"b\" ? \"b\" : \"other\");", false)]
    [InlineData("counter.Add(1, headers.MethodString switch { \"GET\" => \"get\", _ => \"other\" });", false)]
    [InlineData("counter.Add(1, \"fixed\");", false)]
    public async Task Labels_that_a_client_can_make_up(string statement, bool warns)
        => await ExpectAsync("public static class F { public static void Do(FilterCounter counter, RequestHeaders headers) { " + statement + " } }", "OUTRIDER105", warns);

    [Fact]
    public async Task Our_own_filters_are_clean()
    {
        var usual = CSharpSyntaxTree.ParseText(
            "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;");
        foreach (string folder in (string[])["src/Outrider.StockFilters", "templates/outrider-filter", .. Directory.GetDirectories(Path.Combine(SampleCopy.Root, "samples"))])
        {
            var trees = Directory.GetFiles(Path.Combine(SampleCopy.Root, folder), "*.cs", SearchOption.AllDirectories)
                .Where(file => !Built().IsMatch(file) && !file.Contains("/tests/", StringComparison.Ordinal)).Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), path: file)).ToArray();
            if (!Path.IsPathRooted(folder))
            {
                // What they are made of is known here, so that the rules see it; but for what protoc makes.
                Assert.True(trees.Length > 1, folder);
                string[] made = [.. Directory.GetFiles(Path.Combine(SampleCopy.Root, folder), "*.proto", SearchOption.AllDirectories)
                    .SelectMany(file => ProtoTypes().Matches(File.ReadAllText(file))).Select(match => $"'{match.Groups[1].Value}'")];
                Assert.Empty(Compile([usual, .. trees]).GetDiagnostics()
                    .Where(diagnostic => diagnostic.Id is "CS0246" or "CS0103" && diagnostic.Location.SourceTree?.FilePath.Contains("Grpc", StringComparison.Ordinal) == false
                        && !made.Any(name => diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture).Contains(name, StringComparison.Ordinal))));
            }

            Assert.Empty(await DiagnosticsAsync([usual, .. trees]));
        }
    }

    [Fact]
    public void Each_rule_has_its_section()
    {
        string page = File.ReadAllText(Path.Combine(SampleCopy.Root, "docs/analyzers.md"));

        Assert.All(s_all.SelectMany(analyzer => analyzer.SupportedDiagnostics), rule =>
        {
            Assert.Contains($"## {rule.Id}\n", page, StringComparison.Ordinal);
            Assert.EndsWith("#" + rule.Id.ToLowerInvariant(), rule.HelpLinkUri, StringComparison.Ordinal);
        });
    }

    private static string Filter(string statement)
        => "public sealed class F : StreamFilter { public override async ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream) { await Task.Yield(); " + statement + " return FilterAction.Continue; } }";

    private static async Task ExpectAsync(string code, string id, bool warns)
    {
        const string Usings = "using System.Text.Json.Serialization; using System.Threading.Tasks; using Outrider.Filters;\n#nullable enable\n";
        var tree = CSharpSyntaxTree.ParseText(Usings + code);
        var compilation = Compile([tree]);
        // The context's other half is the serializer's generator's.
        Assert.Empty(compilation.GetDiagnostics().Where(diagnostic => diagnostic is { Severity: DiagnosticSeverity.Error, Id: not ("CS0534" or "CS7036") }));

        Assert.Equal(warns ? [id] : [], (await DiagnosticsAsync([tree])).Select(diagnostic => diagnostic.Id));
    }

    private static async Task<ImmutableArray<Diagnostic>> DiagnosticsAsync(SyntaxTree[] trees) => await Compile(trees).WithAnalyzers(s_all).GetAnalyzerDiagnosticsAsync();

    private static CSharpCompilation Compile(SyntaxTree[] trees)
        => CSharpCompilation.Create("filters", trees, s_references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));

    [GeneratedRegex(@"^\s*(?:(?:message|enum|service) |option csharp_namespace = ""(?:\w+\.)*)(\w+)", RegexOptions.Multiline)]
    private static partial Regex ProtoTypes();

    [GeneratedRegex("/(bin|obj)/")]
    private static partial Regex Built();
}
