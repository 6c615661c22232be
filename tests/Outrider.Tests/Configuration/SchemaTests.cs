using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;
using Outrider.Commands;
using Outrider.Describing;
using Outrider.Filters;
using Outrider.Running;
using Outrider.StockFilters;
using Outrider.Tests.CommandLine;
using Outrider.Tests.StockFilters;

namespace Outrider.Tests.Configuration;

/// <summary>
/// <c>outrider schema</c>: what <c>check</c> accepts the schema accepts, and what it refuses for its form (a key that there is not, a value of another type, another word, a
/// number out of range) the schema refuses.
/// </summary>
public sealed partial class SchemaTests
{
    private const string Listener = """
        "listeners":[{"address":"127.0.0.1:0","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"}}]}]}]
        """;

    private static readonly JsonObject s_json = SchemaCommand.Make(ExtensionFolder.Load(examine: true));

    private static readonly JsonSchema s_schema = JsonSchema.FromText(s_json.ToJsonString());

    // Read by who is named there, when he is there: another schema's matter.
    private static readonly string[] s_free = ["mosn.lb", "default_subset", "config.foo", "config.User", "providers.origins-0", "listener_filters[0].config.type", "metadataers[0].config", "].allowMissing", "].Name", "].spec"];

    // What a filter refuses to be without.
    private static readonly Dictionary<string, string> s_needed = new(StringComparer.Ordinal)
    {
        ["local_rate_limit"] = """{"token_bucket":{"max_tokens":1}}""",
        ["ratelimit"] = """{"domain":"d","rateLimitService":{"grpcService":{"envoyGrpc":{"clusterName":"c"}}}}""",
    };

    public static TheoryData<string> Files => [.. MosnNames(), .. Samples()];

    public static TheoryData<string> MosnFiles => [.. MosnNames()];

    [Fact]
    public void It_is_one_of_draft_2020_12()
    {
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", s_json["$schema"]!.GetValue<string>());
        Assert.True(MetaSchemas.Draft202012.Evaluate(JsonSerializer.SerializeToElement(s_json)).IsValid);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_configuration_that_check_accepts_fits(string file)
        => Assert.Empty(Wrong(JsonNode.Parse(File.ReadAllText(Path.Combine(SampleCopy.Root, file)))!));

    [Theory]
    [MemberData(nameof(MosnFiles))]
    public void One_with_a_key_misspelt_or_of_another_type_does_not(string file)
    {
        var root = JsonNode.Parse(File.ReadAllText(Path.Combine(SampleCopy.Root, file)))!;
        var missed = new List<string>();
        foreach (var (owner, key) in Members(root).Where(member => !s_free.Any(free => $"{member.Owner.GetPath()}.{member.Key}".Contains(free, StringComparison.Ordinal))).ToList())
        {
            string place = $"{owner.GetPath()}.{key}";
            var value = owner[key];
            _ = owner.Remove(key);
            owner[key + "_x"] = value;
            missed.AddRange(Fits(root) ? [place + " misspelt"] : []);
            _ = owner.Remove(key + "_x");
            owner[key] = value switch { JsonObject => 7, JsonArray => "seven", _ => new JsonArray(new JsonArray()) };
            missed.AddRange(Fits(root) ? [place + " of another type"] : []);
            owner[key] = value;
        }

        Assert.True(missed.Count == 0, string.Join('\n', missed));
    }

    [Theory]
    [InlineData("""{"servers":[{"listeners":[],"default_log_level":"LOUD"}]}""", """{"servers":[{"listeners":[],"default_log_level":"debug"}]}""")]
    [InlineData("""{"servers":[{"listeners":[],"graceful_timeout":30}]}""", """{"servers":[{"listeners":[],"graceful_timeout":0}]}""")]
    [InlineData("""{"servers":[{"listeners":[],"graceful_timeout":"30"}]}""", """{"servers":[{"listeners":[],"graceful_timeout":"1h30.5m"}]}""")]
    [InlineData("""{"servers":[{"listeners":[],"processor":1025}]}""", """{"servers":[{"listeners":[],"processor":"auto"}]}""")]
    [InlineData("""{"servers":[{"listeners":[{"network":"unix"}]}]}""", """{"servers":[{"listeners":[{"address":"a","network":"UNIX"}]}]}""")]
    [InlineData("""{"servers":[{"listeners":[{"address":"a","network":"quic"}]}]}""", """{"servers":[{"listeners":[{"address":"a","network":null}]}]}""")]
    [InlineData("""{"servers":[],"cluster_manager":{"clusters":[{"name":"c","type":"simple"}]}}""", """{"servers":[],"cluster_manager":{"clusters":[{"name":"c","type":"SIMPLE"}]}}""")]
    [InlineData("""{"servers":[],"cluster_manager":{"clusters":[{"name":""}]}}""", """{"servers":[],"cluster_manager":{"clusters":[{"NAME":"c"}]}}""")]
    [InlineData("""{"servers":[],"cluster_manager":{"clusters":[{"name":"c","panic_threshold":101}]}}""", """{"servers":[],"cluster_manager":{"clusters":[{"name":"c","panic_threshold":100}]}}""")]
    [InlineData("""{"servers":[],"cluster_manager":{"clusters":[{"name":"c","lbconfig":{"choice_count":200}}]}}""", """{"servers":[],"cluster_manager":{"clusters":[{"name":"c","lb_type":"mine","lbconfig":{"choice_count":"many"}}]}}""")]
    [InlineData("""{"servers":[],"cluster_manager":{"clusters":[{"name":"c","slow_start":{"min_weight_percent":1.5}}]}}""", """{"servers":[],"cluster_manager":{"clusters":[{"name":"c","slow_start":{"min_weight_percent":0.5}}]}}""")]
    [InlineData("""{"servers":[],"metrics":{"sinks":[{"type":"prometheus","config":{"port":70000}}]}}""", """{"servers":[],"metrics":{"sinks":[{"type":"prometheus","config":{"port":7000}}]}}""")]
    [InlineData("""{"stream_filters":[{"name":"a","stream_filters":[{"type":"gzip","config":{"gzip_level":"much"}}]}]}""", """{"stream_filters":[{"name":"a","stream_filters":[{"type":"gzip","config":{"gzip_level":3}}]}]}""")]
    [InlineData("""{"stream_filters":[{"name":"a","stream_filters":[{"type":"gzip","config":{"gzip_level":10}}]}]}""", """{"stream_filters":[{"name":"a","stream_filters":[{"type":"gzip","config":{"gzip_level":9}}]}]}""")]
    [InlineData("""{"stream_filters":[{"name":"a","stream_filters":[{"type":"gzip","config":{"encodings":[]}}]}]}""", """{"stream_filters":[{"name":"a","stream_filters":[{"type":"gzip","config":{"encodings":["br"]}}]}]}""")]
    [InlineData("""{"stream_filters":[{"name":"a","stream_filters":[{"type":"gzip","config":{"encodings":["deflate"]}}]}]}""", """{"stream_filters":[{"name":"a","stream_filters":[{"type":"gzip","config":{"encodings":["zstd","gzip"]}}]}]}""")]
    [InlineData("""{"stream_filters":[{"name":"a","stream_filters":[{"type":"payload_limit","config":{"http_status":42}}]}]}""", """{"stream_filters":[{"name":"a","stream_filters":[{"type":"payload_limit","config":{"http_status":0}}]}]}""")]
    [InlineData("""{"stream_filters":[{"name":"a","stream_filters":[{"type":"local_rate_limit","config":{}}]}]}""", """{"stream_filters":[{"name":"a","stream_filters":[{"type":"local_rate_limit","config":{"token_bucket":{"max_tokens":1}}}]}]}""")]
    [InlineData("""{"stream_filters":[{"name":"a","stream_filters":[{"type":"ratelimit","config":{"domain":"d","rate_limit_service":{"grpcService":{"envoy_grpc":{"clusterName":"c"}}},"rate_limits":[{"actions":[]}]}}]}]}""", """{"stream_filters":[{"name":"a","stream_filters":[{"type":"ratelimit","config":{"domain":"d","rate_limit_service":{"grpcService":{"envoy_grpc":{"clusterName":"c"}}},"rateLimits":[{"actions":[{"remote_address":{}}]}]}}]}]}""")]
    [InlineData("""{"stream_filters":[{"name":"a","stream_filters":[{"type":"ratelimit","config":{"domain":"d","rate_limit_service":{}}}]}]}""", """{"stream_filters":[{"name":"a","stream_filters":[{"type":"ratelimit","config":{"domain":"d","rate_limit_service":{"grpcService":{"envoy_grpc":{"clusterName":"c"}}}}}]}]}""")]
    [InlineData("""{"stream_filters":[{"name":"a","stream_filters":[{"type":"ratelimit","config":{"rate_limit_service":{"grpcService":{"envoy_grpc":{"clusterName":"c"}}}}}]}]}""", """{"stream_filters":[{"name":"a","stream_filters":[{"type":"ratelimit","config":{"domain":"d","rate_limit_service":{"grpcService":{"envoy_grpc":{"clusterName":"c"}}}}}]}]}""")]
    [InlineData("""{"stream_filters":[{"name":"a","stream_filters":[{"type":"fault","config":{"delay":{"percentage":101}}}]}]}""", """{"stream_filters":[{"name":"a","stream_filters":[{"type":"fault","config":{"delay":{"percentage":100}}}]}]}""")]
    [InlineData("""{"stream_filters":[{"name":"a","stream_filters":[{"type":"fault","config":{"delay":{"fixed_delay":"soon"}}}]}]}""", """{"stream_filters":[{"name":"a","stream_filters":[{"type":"fault","config":{"delay":{"fixed_delay":"1s"}}}]}]}""")]
    [InlineData("""{"stream_filters":[{"name":"a","stream_filters":[{"type":"rbac","config":{"rules":{"action":"PERHAPS"}}}]}]}""", """{"stream_filters":[{"name":"a","stream_filters":[{"type":"mine","config":{"rules":{"action":"PERHAPS"}}}]}]}""")]
    public void A_word_type_or_range_that_there_is_not_does_not_fit_and_one_that_there_is_does(string wrong, string right)
    {
        Assert.False(Fits(JsonNode.Parse(wrong)!));
        Assert.Empty(Wrong(JsonNode.Parse(right)!));
    }

    [Fact]
    public void What_the_schema_bounds_of_a_stock_filter_the_reader_refuses_beyond()
    {
        var registry = new StreamFilterRegistry();
        StockFilterSet.Register(registry);
        int count = 0;
        foreach (var (filter, made) in FilterSchemas.Of(registry))
        {
            foreach (var (key, value) in JsonNode.Parse(made.ToJsonString())!["properties"]?.AsObject() ?? [])
            {
                // A duration's bounds are those of its form as a number.
                foreach (var beyond in value is JsonObject bounds && bounds["pattern"] is null ? Beyond(bounds) : [])
                {
                    var config = JsonNode.Parse(s_needed.GetValueOrDefault(filter, "{}"))!;
                    config[key] = beyond;
                    Assert.Contains(StockExchange.Refusal(filter, config.ToJsonString()).Path, (string[])["$." + key, $"$['{key}']"]);
                    count++;
                }
            }
        }

        Assert.True(count > 25, $"{count} bounds");
    }

    [Fact]
    public void A_filter_of_a_route_is_looked_at_as_one_of_a_listener()
    {
        static JsonNode With(string config) => JsonNode.Parse($$$"""{"servers":[{{{{Listener}}},"routers":[{"router_config_name":"r","virtual_hosts":[{"domains":["*"],"routers":[{"direct_response":{"status":200},"per_filter_config":{{{config}}}}]}]}]}]}""")!;

        Assert.Empty(Wrong(With("""{"payload_limit":{"max_entity_size":1},"mine":[1]}""")));
        Assert.False(Fits(With("""{"payload_limit":{"max_entity_size":"1"}}""")));
        Assert.False(Fits(With("""{"payload_limit":{"max_entity":1}}""")));
    }

    [Fact]
    public void Every_default_fits_its_own_key()
    {
        int count = 0;
        foreach (var (owner, _) in Members(s_json).Where(static member => member.Key == "default" && member.Owner.ContainsKey("type")).ToList())
        {
            var alone = (JsonObject)owner.DeepClone();
            Assert.True(JsonSchema.FromText(alone.ToJsonString()).Evaluate(JsonSerializer.SerializeToElement(alone["default"])).IsValid, owner.GetPath());
            count++;
        }

        Assert.True(count > 50);
    }

    [Fact]
    public void Every_key_in_the_tables_of_the_page_is_in_it_and_every_key_of_it_is_on_a_page()
    {
        string folder = Path.Combine(SampleCopy.Root, "docs");
        string all = string.Concat(Directory.GetFiles(folder, "*.md").Select(File.ReadAllText));
        string[] keys = [.. Members(Without("filter."))
            .Where(static member => member.Key == "properties" && member.Owner["properties"] is JsonObject && !member.Owner.GetPath().EndsWith(".properties", StringComparison.Ordinal))
            .SelectMany(static member => member.Owner["properties"]!.AsObject().Select(static property => property.Key)).Distinct()];
        string page = File.ReadAllText(Path.Combine(folder, "configuration.md"));
        // Excused keys are mostly filters'.
        page = page.Remove(page.IndexOf("### Excused keys", StringComparison.Ordinal), page.IndexOf("### servers[0]", StringComparison.Ordinal) - page.IndexOf("### Excused keys", StringComparison.Ordinal));
        string[] rows = [.. Rows().Matches(page[..page.IndexOf("## What differs from MOSN", StringComparison.Ordinal)])
            .SelectMany(static row => Words().Matches(row.Groups[1].Value)).SelectMany(static word => word.Groups[1].Value.Split('.', ' '))
            .Select(static word => word.Replace("[]", "", StringComparison.Ordinal))];

        Assert.Empty(rows.Except(keys));
        string[] missing = [.. keys.Where(key => !Regex.IsMatch(all, $@"[`"".]{Regex.Escape(key)}(\[\])?[`"".]"))];
        Assert.Empty(missing);
    }

    [Fact]
    public void Keys_are_told_of()
    {
        var definitions = s_json["$defs"]!;
        Assert.StartsWith("FATAL, ERROR, WARN, INFO, DEBUG, TRACE; INFO", definitions["servers"]!["properties"]!["default_log_level"]!["description"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.StartsWith("How many bytes a request's body may have", definitions["filter.payload_limit"]!["properties"]!["max_entity_size"]!["description"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("65536", definitions["Http1"]!["properties"]!["max_header_size"]!["default"]!.ToJsonString());
    }

    [Fact]
    public async Task The_command_prints_it_and_a_file_may_name_it_as_editors_want()
    {
        var (code, output, error) = await OutriderProcess.RunAsync("schema");
        Assert.True(code == 0, error);
        // Beside the program lie extensions, whose filters are in its definitions.
        var printed = JsonNode.Parse(output)!;
        Assert.True(JsonNode.DeepEquals(s_json["properties"]!["metrics"], printed["properties"]!["metrics"]));
        Assert.Equal(s_json["properties"]!.AsObject().Select(static one => one.Key), printed["properties"]!.AsObject().Select(static one => one.Key));
        Assert.Empty(s_json["$defs"]!.AsObject().Select(static one => one.Key).Except(printed["$defs"]!.AsObject().Select(static one => one.Key)));

        // VS Code takes the schema that the file itself names, by a path from the file's folder or by a URL.
        using var folder = new TemporaryDirectory();
        string file = Path.Combine(folder.Path, "mosn.json");
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "outrider.schema.json"), output);
        await File.WriteAllTextAsync(file, """{"$schema":"./outrider.schema.json","stream_filters":[{"name":"a","stream_filters":[]}]}""");
        Assert.Empty(Wrong(JsonNode.Parse(await File.ReadAllTextAsync(file))!));
        var (checkedCode, _, checkedError) = await OutriderProcess.RunAsync("check", "-c", file, "--strict");
        Assert.True(checkedCode == 0, checkedError);
    }

    private static IEnumerable<JsonNode> Beyond(JsonObject bounds)
    {
        var within = bounds["anyOf"]?.AsArray().LastOrDefault(static one => one!["minimum"] is not null) as JsonObject ?? bounds;
        if (within["minimum"] is { } minimum && minimum.GetValue<double>() is var least)
        {
            yield return (JsonNode)(long)(least - 1);
        }

        if (within["maximum"] is { } maximum && maximum.GetValue<double>() < int.MaxValue)
        {
            yield return (JsonNode)(long)(maximum.GetValue<double>() + 1);
        }

        if (bounds["enum"] is JsonArray { Count: > 0 } words)
        {
            yield return words[0]!.GetValueKind() == JsonValueKind.String ? "no such word" : 77;
        }
    }

    private static bool Fits(JsonNode root) => s_schema.Evaluate(JsonSerializer.SerializeToElement(root), new EvaluationOptions { OutputFormat = OutputFormat.Flag }).IsValid;

    private static IEnumerable<string> Wrong(JsonNode root)
    {
        var result = s_schema.Evaluate(JsonSerializer.SerializeToElement(root), new EvaluationOptions { OutputFormat = OutputFormat.List });
        return result.IsValid ? [] : (result.Details ?? []).Where(static detail => detail.Errors is { Count: > 0 })
            .Select(static detail => $"{detail.InstanceLocation}: {string.Join("; ", detail.Errors!.Values)}").Prepend("does not fit");
    }

    // What the schema says of the file itself.
    private static JsonObject Without(string prefix)
    {
        var copy = (JsonObject)s_json.DeepClone();
        var definitions = copy["$defs"]!.AsObject();
        foreach (string name in definitions.Select(static one => one.Key).Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).ToList())
        {
            _ = definitions.Remove(name);
        }

        foreach (var (owner, _) in Members(copy).Where(static member => member.Key == "per_filter_config").ToList())
        {
            owner["per_filter_config"] = new JsonObject();
        }

        return copy;
    }

    private static IEnumerable<(JsonObject Owner, string Key)> Members(JsonNode? node) => node switch
    {
        JsonObject members => members.ToList().SelectMany(member => Members(member.Value).Prepend((members, member.Key))),
        JsonArray items => items.ToList().SelectMany(Members),
        _ => [],
    };

    private static IEnumerable<string> MosnNames() => ((IEnumerable<object[]>)MosnFilesTests.Files).Select(static row => $"tests/mosn-configs/{row[0]}");

    private static IEnumerable<string> Samples()
        => Directory.EnumerateFiles(Path.Combine(SampleCopy.Root, "samples"), "*.json", SearchOption.AllDirectories)
            .Where(static file => !file.Contains("/bin/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal) && File.ReadAllText(file).Contains("\"servers\"", StringComparison.Ordinal))
            .Select(static file => Path.GetRelativePath(SampleCopy.Root, file)).Order(StringComparer.Ordinal);

    [GeneratedRegex(@"(?m)^\| (`[^|]*) \|")]
    private static partial Regex Rows();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Words();
}
