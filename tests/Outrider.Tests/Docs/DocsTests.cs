using System.Text.RegularExpressions;
using Outrider.Filters;
using Outrider.Proxy.Logging.AccessLog;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Docs;

/// <summary>What the pages say can be looked up is there, and under the names that they give.</summary>
public sealed partial class DocsTests
{
    [Fact]
    public void Every_link_leads_to_a_file_and_a_heading_that_are_there()
    {
        var wrong = new List<string>();
        foreach (var page in Page.All)
        {
            string folder = Path.GetDirectoryName(Path.Combine(SampleCopy.Root, page.Name))!;
            foreach (Match link in Link().Matches(page.Prose))
            {
                string target = link.Groups[1].Value;
                if (target.Contains("://", StringComparison.Ordinal))
                {
                    continue;
                }

                string[] parts = target.Split('#', 2);
                string file = parts[0].Length == 0 ? Path.Combine(SampleCopy.Root, page.Name) : Path.GetFullPath(Path.Combine(folder, parts[0]));
                if (!File.Exists(file) && !Directory.Exists(file))
                {
                    wrong.Add($"{page.Name}: {target}: there is no such file");
                }
                else if (parts.Length == 2 && !Headings(File.ReadAllText(file)).Contains(parts[1]))
                {
                    wrong.Add($"{page.Name}: {target}: there is no such heading");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Every_extension_point_has_its_interface_and_its_tests()
    {
        var tests = typeof(DocsTests).Assembly.GetTypes().ToLookup(type => type.Name, StringComparer.Ordinal);
        string sources = string.Concat(Directory.GetFiles(Path.Combine(SampleCopy.Root, "src"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        var wrong = new List<string>();
        var rows = Page.Of("docs/extension-points.md").Prose.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Select(line => line.Split(" | ")).Where(row => row[0] != "| what").ToList();
        foreach (string[] row in rows)
        {
            foreach (Match name in InQuotes().Matches(row[1]))
            {
                string type = name.Groups[1].Value.Trim('[', ']');
                if (!Regex.IsMatch(sources, $@"(interface|class) {type}(Attribute)?\b"))
                {
                    wrong.Add($"{row[0]}: there is no {type}");
                }
            }

            foreach (Match name in InQuotes().Matches(row[^1]))
            {
                string[] parts = name.Groups[1].Value.Split('.');
                if (!tests[parts[0]].Any(type => parts.Length == 1 || type.GetMethod(parts[1]) is not null))
                {
                    wrong.Add($"{row[0]}: there is no test {name.Groups[1].Value}");
                }
            }
        }

        Assert.True(rows.Count > 10);
        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_source_file_that_a_page_names_is_there()
    {
        string source = Path.Combine(SampleCopy.Root, "src"), tests = Path.Combine(SampleCopy.Root, "tests");
        string[] files = [.. Directory.GetFiles(source, "*.cs", SearchOption.AllDirectories).Concat(Directory.GetFiles(tests, "*.cs", SearchOption.AllDirectories)), .. Directory.GetFiles(Path.Combine(SampleCopy.Root, "samples"), "*.cs", SearchOption.AllDirectories)];
        var wrong = new List<string>();
        foreach (var page in Page.All)
        {
            foreach (Match name in SourceFile().Matches(page.Prose))
            {
                if (!files.Any(file => file.EndsWith("/" + name.Groups[1].Value, StringComparison.Ordinal)))
                {
                    wrong.Add($"{page.Name}: {name.Groups[1].Value}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Every_project_stands_in_the_tables_of_projects()
    {
        string[] projects = [.. Directory.GetFiles(Path.Combine(SampleCopy.Root, "src"), "*.csproj", SearchOption.AllDirectories).Select(file => Path.GetFileNameWithoutExtension(file)!)];
        foreach (string name in new[] { "CONTRIBUTING.md", "docs/architecture.md" })
        {
            Assert.All(projects, project => Assert.Matches($@"(?<![\w.]){Regex.Escape(project)}(?![\w.])", Page.Of(name).Text));
        }
    }

    [Fact]
    public void Every_test_that_CONTRIBUTING_runs_is_one()
    {
        string[] tests = [.. typeof(DocsTests).Assembly.GetTypes().SelectMany(type => type.GetMethods().Select(method => $"{type.FullName}.{method.Name}"))];
        foreach (Match filter in TestFilter().Matches(Page.Of("CONTRIBUTING.md").Text))
        {
            Assert.Contains(tests, test => test.Contains(filter.Groups[1].Value, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Every_variable_of_the_logging_page_is_known_and_every_known_one_is_there()
    {
        string page = Page.Of("docs/logging.md").Prose;
        string table = page[page.IndexOf("### Variables", StringComparison.Ordinal)..page.IndexOf("### Flags", StringComparison.Ordinal)];
        // What a row shows is in its first cell; what is always empty is in a sentence behind the table.
        string[] lines = table.Split('\n');
        int always = Array.FindIndex(lines, line => line.Contains("Always `-`", StringComparison.Ordinal));
        string names = string.Join('\n', lines.Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('|')[1]).Concat(lines[always..]));
        string[] named = [.. VariableName().Matches(names).Select(match => match.Groups[1].Value).Where(name => !name.Contains("NAME", StringComparison.Ordinal)).Distinct()];

        Assert.True(named.Length > 50, string.Join(' ', named));
        Assert.All(named, name => AccessLogFormat.Parse($"%{name}%", null));
        string[] missing = [.. AccessLogVariables.Names.Where(name => !named.Contains(name) && !DurationUnit().IsMatch(name))];
        Assert.Empty(missing);
    }

    [Fact]
    public async Task Every_metric_of_the_admin_page_is_exported_and_every_exported_one_is_there()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [new StreamFilterFactory<PassingFilter>(static () => new PassingFilter())], listener: ",\"filter_costs\":true");
        _ = await RawClient.ExchangeAsync(proxy.Port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        string metrics = await RawClient.ExchangeAsync(proxy.AdminEndPoint.Port, "GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n");
        // What filters and modules of tests beside this one count is the process's.
        string[] exported =
        [
            .. MetricType().Matches(metrics).Select(match => match.Groups[1].Value)
                .Where(name => !name.StartsWith("outrider_module_", StringComparison.Ordinal)
                    && (name is "outrider_filter_errors_total" || !name.StartsWith("outrider_filter_", StringComparison.Ordinal))),
        ];
        Assert.True(exported.Length > 40, metrics);

        string text = Page.Of("docs/admin.md").Prose;
        string[][] documented = [.. Rows(text[text.IndexOf("## Metrics", StringComparison.Ordinal)..]).SelectMany(MetricsOf)];

        Assert.Empty(exported.Except(documented.SelectMany(readings => readings)));
        // What filters and modules keep has names of theirs.
        Assert.Empty(documented.Where(readings => !readings.Intersect(exported).Any() && readings[0] is not "outrider_filter_TYPE_NAME").Select(readings => readings[0]));
    }

    [Fact]
    public async Task The_list_of_admin_pages_is_the_one_that_the_page_shows()
    {
        await using var proxy = await TestProxy.StartAsync(["127.0.0.1:1"]);
        string answer = await RawClient.ExchangeAsync(proxy.AdminEndPoint.Port, "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
        string shown = Page.Of("docs/admin.md").Blocks("").First().Text;

        // Which plugins and libraries there are are pages of the program's.
        string[] Lines(string text) => [.. text.Trim().Split('\n').Select(line => line.Trim()).Where(line => !line.StartsWith("/api/v1/plugin", StringComparison.Ordinal) && !line.StartsWith("/api/v1/library", StringComparison.Ordinal))];
        Assert.Equal(Lines(shown), Lines(answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]));
    }

    [Fact]
    public async Task Every_command_of_the_README_has_a_page_of_help()
    {
        string[] commands = [.. ReadmeCommand().Matches(Page.Of("README.md").Prose).Select(match => match.Groups[1].Value).Distinct()];
        Assert.Contains("start", commands);
        foreach (string command in commands.Where(command => command is not "help"))
        {
            var (code, said, error) = await OutriderProcess.RunAsync(command, "--help");
            Assert.True(code == 0, command + ": " + error);
            Assert.Contains("outrider " + command, said, StringComparison.Ordinal);
        }
    }

    private static HashSet<string> Headings(string page)
        => [.. Heading().Matches(new Page("", page).Prose).Select(match => Anchor(match.Groups[1].Value))];

    // As GitHub makes them.
    private static string Anchor(string heading)
        => NotInAnchors().Replace(LinkText().Replace(heading, "$1").ToLowerInvariant().Trim(), "").Replace(' ', '-');

    private static IEnumerable<string> Rows(string text) => text.Split('\n').Where(line => line.StartsWith("| `outrider_", StringComparison.Ordinal)).Select(line => line.Split('|')[1]);

    // "`outrider_a_b_total`, `…_c_total`": the second begins as the first one does; how far, the reader sees.
    private static IEnumerable<string[]> MetricsOf(string row)
    {
        string first = "";
        foreach (Match match in Quoted().Matches(row))
        {
            string name = match.Groups[1].Value.Split('{')[0];
            if (!name.StartsWith('…'))
            {
                first = name;
                yield return [name];
                continue;
            }

            string[] words = first.Split('_');
            yield return [.. Enumerable.Range(1, words.Length).Select(kept => string.Join('_', words[..kept]) + name[1..])];
        }
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInAnchors();

    [GeneratedRegex(@"`((?:[\w.-]+/)*[\w.-]+\.cs)`")]
    private static partial Regex SourceFile();

    [GeneratedRegex("FullyQualifiedName~([\\w.]+)\"")]
    private static partial Regex TestFilter();

    [GeneratedRegex(@"`([a-z][\w-]*)`")]
    private static partial Regex VariableName();

    [GeneratedRegex("_(us|ms)$")]
    private static partial Regex DurationUnit();

    [GeneratedRegex("^# TYPE (\\S+) ", RegexOptions.Multiline)]
    private static partial Regex MetricType();

    [GeneratedRegex(@"\./outrider (\w+)")]
    private static partial Regex ReadmeCommand();

    [GeneratedRegex(@"`([\w.\[\]]+)`")]
    private static partial Regex InQuotes();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    private sealed class PassingFilter : StreamFilter
    {
        public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream) => FilterAction.Continue;
    }
}
