using System.Text;
using System.Text.Json;
using Outrider.Configuration.Json;
using Outrider.Configuration.Problems;

namespace Outrider.Tests.Configuration;

public class DocumentTests
{
    [Fact]
    public void Every_node_knows_its_path()
    {
        ConfigurationNode root = Parse("""{ "servers": [ { "listeners": [ {}, { "address": "x" } ] } ], "a.b": { "": [ 1 ] } }""");
        Assert.Equal("", root.Path);
        Assert.Equal("servers[0].listeners[1].address", root.FindDeepest("servers[0].listeners[1].address").Path);
        Assert.Equal("['a.b'][''][0]", root.Find("a.b")!.Find("")!.Items[0].Path);
    }

    [Fact]
    public void A_position_counts_lines_and_characters_from_one()
    {
        ConfigurationNode root = Parse("{\n  \"ключ\": \"é😀\", \"b\": 5,\r\n\"c\": true }");
        Assert.Equal((1, 1), root.Position);
        Assert.Equal((2, 11), root.Find("ключ")!.Position);
        Assert.Equal((2, 22), root.Find("b")!.Position);
        Assert.Equal((3, 6), root.Find("c")!.Position);
    }

    [Fact]
    public void A_node_hands_out_its_bytes_as_they_stand_in_the_file()
    {
        ConfigurationNode root = Parse("""{ "config" :  { "a" : [ 1,2 ] } , "text": "x\ny" }""");
        Assert.Equal("""{ "a" : [ 1,2 ] }""", Encoding.UTF8.GetString(root.Find("config")!.Json.Span));
        Assert.Equal("\"x\\ny\"", Encoding.UTF8.GetString(root.Find("text")!.Json.Span));
        Assert.Equal("x\ny", root.Find("text")!.Text);
    }

    [Theory]
    [InlineData("$", "config")]
    [InlineData("", "config")]
    [InlineData("$.User", "config.User")]
    [InlineData("User", "config.User")]
    [InlineData("$.user", "config.User")]
    [InlineData("$.rules[1].name", "config.rules[1].name")]
    [InlineData("rules[1]", "config.rules[1]")]
    [InlineData("$.rules[1].missing", "config.rules[1]")]
    [InlineData("$.rules[7].name", "config.rules")]
    [InlineData("$.rules.name", "config.rules")]
    [InlineData("$.missing.name", "config")]
    [InlineData("$['dotted.key'].x", "config['dotted.key'].x")]
    [InlineData("$.rules[x]", "config.rules")]
    [InlineData("$.rules[99999999999]", "config.rules")]
    [InlineData("$['dotted.key", "config")]
    public void A_path_inside_a_filters_config_leads_to_the_deepest_node_that_exists(string path, string expected)
    {
        ConfigurationNode root = Parse("""{ "config": { "User": 1, "rules": [ {}, { "name": "b" } ], "dotted.key": { "x": 1 } } }""");
        Assert.Equal(expected, root.Find("config")!.FindDeepest(path).Path);
    }

    [Fact]
    public void The_path_of_an_exception_of_System_Text_Json_leads_to_the_value_that_it_complains_about()
    {
        ConfigurationNode config = Parse("""{ "config": { "Rules": [ { "Name": "a" }, { "Name": 5 } ] } }""").Find("config")!;
        var e = Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<RuleSet>(config.Json.Span));
        Assert.Equal("config.Rules[1].Name", config.FindDeepest(e.Path!).Path);
    }

    [Theory]
    [InlineData("", 1, 1)]
    [InlineData("{", 1, 2)]
    [InlineData("{\n  \"a\": 1,\n}", 3, 1)]
    [InlineData("{\n  \"é\": x\n}", 2, 8)]
    [InlineData("{} {}", 1, 4)]
    [InlineData("{ // no comments\n}", 1, 3)]
    [InlineData("[1, 2", 1, 6)]
    public void A_syntax_error_says_where(string json, int line, int column)
    {
        ConfigurationProblem problem = SyntaxError(Encoding.UTF8.GetBytes(json));
        Assert.Equal((line, column), (problem.Line, problem.Column));
        Assert.StartsWith($"a.json:{line}:{column}: not valid JSON: ", problem.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_byte_that_is_not_UTF8_is_found()
    {
        ConfigurationProblem problem = SyntaxError([(byte)'{', (byte)'\n', (byte)'"', 0xFF, (byte)'"', (byte)'}']);
        Assert.Equal((2, 2), (problem.Line, problem.Column));
        Assert.Contains("UTF-8", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "a": "\ud800" }""", 8)]
    [InlineData("""{ "\udc00": 1 }""", 3)]
    public void Half_a_surrogate_pair_is_an_error(string json, int column)
    {
        ConfigurationProblem problem = SyntaxError(Encoding.UTF8.GetBytes(json));
        Assert.Equal((1, column), (problem.Line, problem.Column));
        Assert.Contains("surrogate", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_byte_order_mark_is_passed_over_and_counts_no_column()
    {
        ConfigurationDocument document = ConfigurationDocument.Parse((byte[])[0xEF, 0xBB, 0xBF, .. "{ \"a\": 1 }"u8], "a.json");
        Assert.Equal((1, 8), document.Root.Find("a")!.Position);
        Assert.Equal("{ \"a\": 1 }", Encoding.UTF8.GetString(document.Bytes.Span));
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        Parse(Nested(ConfigurationDocument.MaxDepth));
        Assert.Contains("depth", SyntaxError(Encoding.UTF8.GetBytes(Nested(ConfigurationDocument.MaxDepth + 1))).Message, StringComparison.Ordinal);
        Assert.Contains("depth", SyntaxError(Encoding.UTF8.GetBytes(Nested(1_000_000))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_is_found_by_its_own_letters_before_others()
        => Assert.Equal("2", Parse("""{ "Key": 1, "key": 2, "KEY": 3 }""").Find("key")!.Describe()[^1..]);

    [Fact]
    public void A_long_value_is_shortened_in_messages()
        => Assert.Equal(2 + "the string ".Length + 60 - 1, Parse($"[\"{new string('x', 500)}\"]").Items[0].Describe().Length);

    private static ConfigurationNode Parse(string json) => ConfigurationDocument.Parse(Encoding.UTF8.GetBytes(json), "a.json").Root;

    private static ConfigurationProblem SyntaxError(byte[] json)
        => Assert.Single(Assert.Throws<ConfigurationException>(() => ConfigurationDocument.Parse(json, "a.json")).Problems);

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);

    private sealed record RuleSet(List<Rule> Rules);

    private sealed record Rule(string Name);
}
