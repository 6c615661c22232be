using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Outrider.Assemblies;
using Outrider.Commands;
using Outrider.Configuration.Problems;
using Outrider.Running;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Tls;
using Xunit;

namespace Outrider.Tests.Configuration;

/// <summary>
/// The configurations of MOSN's tree that ask for HTTP and TCP alone: every one passes a strict check, and every one with a single key misspelt, or with a single value of
/// another type, is refused with the place. What is excused is named here and in docs/configuration.md.
/// </summary>
public sealed class MosnFilesTests : IDisposable
{
    // Where a file has keys of its own choosing, no key can be misspelt.
    private static readonly string[] s_freeKeys = ["mosn.lb", "default_subset.", "config.foo", "config.User", "providers.origins-0"];

    private static readonly string s_source = Path.Combine(SampleCopy.Root, "tests/mosn-configs");

    // Some name the demo filter, which lies beside the program.
    private static readonly string s_demo = Path.Combine(SampleCopy.Root, "samples/simple-streamfilter/bin", new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Parent!.Name, "net10.0/Outrider.Samples.SimpleStreamFilter.dll");

    private readonly string _folder = Directory.CreateTempSubdirectory("outrider-mosn-").FullName;

    public MosnFilesTests()
    {
        foreach (string file in Directory.EnumerateFiles(s_source, "*.json", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(_folder, Path.GetRelativePath(s_source, file));
            _ = Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            string json = File.ReadAllText(file);
            File.WriteAllText(copy, json);
            foreach (string folder in json.Contains("certs/", StringComparison.Ordinal) ? (string[])[Path.Combine(Path.GetDirectoryName(copy)!, "certs"), Path.Combine(Path.GetDirectoryName(copy)!, "../certs")] : [])
            {
                WriteCertificates(folder);
            }
        }
    }

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(s_source, "*.json", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(s_source, file)).Order(StringComparer.Ordinal)];

    [Fact]
    public void There_are_thirty_six_of_them() => Assert.Equal(36, Files.Count);

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Each_passes_a_strict_check(string name)
    {
        var (errors, warnings) = await CheckAsync(Path.Combine(_folder, name));

        Assert.Empty(errors);
        Assert.All(warnings, warning => Assert.True(warning.IsExcused, warning.ToString()));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Each_with_one_key_misspelt_is_refused_with_its_path(string name)
    {
        string file = Path.Combine(_folder, name);
        string json = File.ReadAllText(file);
        var missed = new List<string>();
        foreach (string path in Places(JsonNode.Parse(json)!).Where(path => !s_freeKeys.Any(free => path.Contains(free, StringComparison.Ordinal))))
        {
            var root = JsonNode.Parse(json)!;
            var (owner, key) = Find(root, path);
            var value = owner[key];
            _ = owner.Remove(key);
            owner[key + "_x"] = value?.DeepClone();
            if (!await IsRefusedAsync(file, root, path))
            {
                missed.Add(path);
            }
        }

        Assert.True(missed.Count == 0, string.Join('\n', missed));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Each_with_one_value_of_another_type_is_refused_with_its_path(string name)
    {
        string file = Path.Combine(_folder, name);
        string json = File.ReadAllText(file);
        var missed = new List<string>();
        foreach (string path in Places(JsonNode.Parse(json)!).Where(path => !path.Contains("config.foo", StringComparison.Ordinal) && !path.Contains("config.User", StringComparison.Ordinal)))
        {
            var root = JsonNode.Parse(json)!;
            var (owner, key) = Find(root, path);
            owner[key] = owner[key]?.GetValueKind() switch
            {
                JsonValueKind.Object => JsonValue.Create(7),
                JsonValueKind.Array => JsonValue.Create("seven"),
                _ => new JsonArray(new JsonArray()),
            };
            if (!await IsRefusedAsync(file, root, path))
            {
                missed.Add(path);
            }
        }

        Assert.True(missed.Count == 0, string.Join('\n', missed));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void WriteCertificates(string folder)
    {
        _ = Directory.CreateDirectory(folder);
        using var authority = new TestAuthority();
        var leaf = authority.Issue("localhost");
        File.WriteAllText(Path.Combine(folder, "cert.pem"), leaf.Pem);
        File.WriteAllText(Path.Combine(folder, "key.pem"), leaf.Key);
        File.WriteAllText(Path.Combine(folder, "ca.pem"), authority.Pem);
    }

    private static async Task<(IReadOnlyList<ConfigurationProblem> Errors, List<ConfigurationProblem> Warnings)> CheckAsync(string file)
    {
        var warnings = new List<ConfigurationProblem>();
        var extensions = ExtensionFolder.Load();
        _ = ExtensionAssembly.Load(s_demo, extensions.Filters, extensions.Certificates);
        var errors = await Examination.RunAsync(file, extensions, warnings.Add);
        return (errors, warnings);
    }

    // The key itself, or the object that misses it, or what names the thing that is missing now.
    private static async Task<bool> IsRefusedAsync(string file, JsonNode changed, string path)
    {
        string copy = Path.Combine(Path.GetDirectoryName(file)!, "changed.json");
        await File.WriteAllTextAsync(copy, changed.ToJsonString(), Encoding.UTF8);
        var (errors, warnings) = await CheckAsync(copy);
        return errors.Concat(warnings.Where(warning => !warning.IsExcused)).Any(problem => problem.JsonPath.StartsWith(path, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Places(JsonNode node, string path = "")
    {
        if (node is JsonObject members)
        {
            foreach (var (key, value) in members)
            {
                string place = key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? (path.Length == 0 ? key : path + "." + key) : $"{path}['{key}']";
                yield return place;
                foreach (string below in value is null ? [] : Places(value, place))
                {
                    yield return below;
                }
            }
        }
        else if (node is JsonArray items)
        {
            for (int i = 0; i < items.Count; i++)
            {
                foreach (string below in items[i] is { } item ? Places(item, $"{path}[{i}]") : [])
                {
                    yield return below;
                }
            }
        }
    }

    private static (JsonObject Owner, string Key) Find(JsonNode root, string path)
    {
        var node = root;
        var steps = System.Text.RegularExpressions.Regex.Matches(path, @"\['(?<key>[^']*)'\]|\[(?<index>\d+)\]|(?<key>[^.\[\]]+)").ToList();
        foreach (var step in steps[..^1])
        {
            node = step.Groups["index"].Success ? node[int.Parse(step.Groups["index"].Value, System.Globalization.CultureInfo.InvariantCulture)]! : node[step.Groups["key"].Value]!;
        }

        return ((JsonObject)node, steps[^1].Groups["key"].Value);
    }
}
