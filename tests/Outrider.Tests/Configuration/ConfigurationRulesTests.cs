using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Outrider.Assemblies;
using Outrider.Describing;
using Outrider.Filters;

namespace Outrider.Tests.Configuration;

/// <summary>What attributes say of a configuration's values: the reader holds to it, and the schema tells it.</summary>
public sealed partial class ConfigurationRulesTests
{
    private static readonly JsonTypeInfo[] s_ways = [RulesJson.Default.Settings, ExtensionJson.OptionsOf(typeof(Settings).Assembly).GetTypeInfo(typeof(Settings))];

    [Theory]
    [InlineData("{}", "$.name", "is missing and required")]
    [InlineData("""{"name":" "}""", "$.name", "is missing and required")]
    [InlineData("""{N,"level":0}""", "$.level", "found 0, wanted 1 to 9")]
    [InlineData("""{N,"level":10}""", "$.level", "found 10, wanted 1 to 9")]
    [InlineData("""{N,"size":-1}""", "$.size", "found -1, wanted 0 or more")]
    [InlineData("""{N,"share":1}""", "$.share", "found 1, wanted at least 0 and less than 1")]
    [InlineData("""{N,"rate":1}""", "$.rate", "found 1, wanted more than 1")]
    [InlineData("""{N,"word":"c"}""", "$.word", "found \"c\", wanted \"a\" or \"b\"")]
    [InlineData("""{N,"word":null}""", "$.word", "found null, wanted \"a\" or \"b\"")]
    [InlineData("""{N,"grade":2}""", "$.grade", "grade has two worths: 0 and 1")]
    [InlineData("""{N,"mode":"Off"}""", "$.mode", "found Off, wanted Fast or Slow")]
    [InlineData("""{N,"text":"x"}""", "$.text", "found 1 characters, wanted 2 to 3")]
    [InlineData("""{N,"letters":"a\nb"}""", "$.letters", "wanted small letters")]
    [InlineData("""{N,"wait":"5ms"}""", "$.wait", "wanted 10ms to 1h")]
    [InlineData("""{N,"wait":"61m"}""", "$.wait", "wanted 10ms to 1h")]
    [InlineData("""{N,"waits":["1s","2h"]}""", "$.waits[1]", "wanted 10ms to 1h")]
    [InlineData("""{N,"codings":[]}""", "$.codings", "found 0, wanted 1 to 2")]
    [InlineData("""{N,"codings":["br","br","br"]}""", "$.codings", "found 3, wanted 1 to 2")]
    [InlineData("""{N,"codings":["br","deflate"]}""", "$.codings[1]", "found \"deflate\", wanted \"gzip\" or \"br\"")]
    [InlineData("""{N,"weights":{"a":1,"b c":200}}""", "$.weights['b c']", "found 200, wanted 0 to 100")]
    [InlineData("""{N,"inner":{"level":10}}""", "$.inner.level", "found 10, wanted 1 to 9")]
    [InlineData("""{N,"list":[{},{"level":10}]}""", "$.list[1].level", "found 10, wanted 1 to 9")]
    [InlineData("""{N,"map":{"x":{"level":10}}}""", "$.map.x.level", "found 10, wanted 1 to 9")]
    [InlineData("""{N,"record":{"port":0}}""", "$.record.port", "found 0, wanted 1 to 65535")]
    [InlineData("""{N,"shape":{"kind":"round","radius":0}}""", "$.shape.radius", "found 0, wanted more than 0")]
    [InlineData("""{N,"even":3}""", "$.even", "found 3, wanted an even number")]
    public void What_does_not_fit_is_an_error_with_its_path(string config, string path, string message)
    {
        foreach (var type in s_ways)
        {
            var refused = Assert.Throws<FilterConfigurationException>(() => Read(type, config));
            Assert.Equal(path, refused.Path);
            Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("{N}")]
    [InlineData("""{N,"level":9,"size":9000000000,"share":0,"rate":1.5,"word":"b","grade":1,"mode":"Slow","text":null,"letters":"abc","wait":"1h","waits":null,"codings":null,"weights":{"a":100},"inner":null,"even":4}""")]
    [InlineData("""{N,"list":[null,{"level":1}],"map":{"x":null},"record":{"port":65535},"shape":{"kind":"round","radius":1}}""")]
    public void What_fits_is_read(string config)
    {
        foreach (var type in s_ways)
        {
            Assert.Equal("n", ((Settings)Read(type, config)).Name);
        }
    }

    [Fact]
    public void Attributes_come_before_Validate_and_see_defaults()
    {
        var refused = Assert.Throws<FilterConfigurationException>(() => Read(RulesJson.Default.Late, "{}"));
        Assert.Equal(("$.count", "found 0, wanted 1 or more"), (refused.Path, refused.Message));
        Assert.Equal("validated", Assert.Throws<FilterConfigurationException>(() => Read(RulesJson.Default.Late, """{"count":1}""")).Message);
    }

    [Theory]
    [InlineData("""{"mail":"a"}""", "$.mail", "[EmailAddress] is not looked at in a configuration")]
    [InlineData("""{"mail":"a@b"}""", "$.mail", "[EmailAddress] is not looked at in a configuration")]
    [InlineData("""{"flag":true}""", "$.number", "[Required] says nothing of a value that is never missing")]
    public void An_attribute_that_would_be_passed_over_is_an_error(string config, string path, string message)
    {
        var refused = Assert.Throws<FilterConfigurationException>(() => Read(path == "$.mail" ? RulesJson.Default.Mail : RulesJson.Default.Never, config));
        Assert.Equal(path, refused.Path);
        Assert.StartsWith(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_schema_tells_of_them()
    {
        var registry = new StreamFilterRegistry();
        registry.Add("rules", configuration =>
        {
            _ = configuration.Read(RulesJson.Default.Settings);
            throw new FilterConfigurationException("never made");
        });
        var schema = JsonNode.Parse(FilterSchemas.Of(registry)["rules"].ToJsonString())!;
        Assert.Equal("""["name"]""", schema["required"]!.ToJsonString());
        foreach (var (key, told) in new[]
        {
            ("name", """{"type":"string","pattern":"\\S"}"""),
            ("level", """{"type":"integer","minimum":1,"maximum":9}"""),
            ("size", """{"type":"integer","minimum":0}"""),
            ("share", """{"type":"number","minimum":0,"exclusiveMaximum":1}"""),
            ("rate", """{"type":["number","null"],"exclusiveMinimum":1}"""),
            ("word", """{"type":"string","enum":["a","b"]}"""),
            ("grade", """{"type":"integer","enum":[0,1]}"""),
            ("mode", """{"enum":["Fast","Slow"]}"""),
            ("text", """{"type":["string","null"],"minLength":2,"maxLength":3}"""),
            ("letters", """{"type":"string","pattern":"^(?:[a-z]*)$"}"""),
            ("codings", """{"type":"array","items":{"type":["string","null"],"enum":["gzip","br"]},"minItems":1,"maxItems":2}"""),
            ("weights", """{"type":"object","additionalProperties":{"type":"integer","minimum":0,"maximum":100}}"""),
            ("even", """{"type":"integer","multipleOf":2}"""),
        })
        {
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(told), schema["properties"]![key]), $"{key}: {schema["properties"]![key]!.ToJsonString()}");
        }

        Assert.Equal((10_000_000, 3_600_000_000_000), (schema["properties"]!["wait"]!["minimum"]!.GetValue<long>(), schema["properties"]!["wait"]!["maximum"]!.GetValue<long>()));
        Assert.Equal(9, schema["properties"]!["inner"]!["properties"]!["level"]!["maximum"]!.GetValue<int>());
        Assert.Equal(65_535, schema["properties"]!["record"]!["properties"]!["port"]!["maximum"]!.GetValue<int>());
    }

    private static object Read(JsonTypeInfo type, string config)
        => new FilterConfiguration("t", Encoding.UTF8.GetBytes(config.Replace("{N", "{\"name\":\"n\"", StringComparison.Ordinal)), "/").Read(type);

    [AttributeUsage(AttributeTargets.Property)]
    private sealed class EvenAttribute : ConfigurationRuleAttribute
    {
        public override string? Check(object value) => value is int number && number % 2 == 0 ? null : $"found {value}, wanted an even number";

        public override void Describe(JsonObject schema) => schema["multipleOf"] = 2;
    }

    internal sealed class Settings
    {
        [Required]
        public string Name { get; set; } = "";

        [Range(1, 9)]
        public int Level { get; set; } = 5;

        [Range(0, double.MaxValue)]
        public long Size { get; set; }

        [Range(0.0, 1.0, MaximumIsExclusive = true)]
        public double Share { get; set; }

        [Range(1.0, double.MaxValue, MinimumIsExclusive = true)]
        public double? Rate { get; set; }

        [AllowedValues("a", "b")]
        public string Word { get; set; } = "a";

        [AllowedValues(0, 1, ErrorMessage = "{0} has two worths: 0 and 1")]
        public long Grade { get; set; }

        [AllowedValues(Mode.Fast, Mode.Slow)]
        public Mode Mode { get; set; }

        [StringLength(3, MinimumLength = 2)]
        public string? Text { get; set; }

        [Pattern("[a-z]*", Wanted = "small letters")]
        public string Letters { get; set; } = "";

        [DurationRange("10ms", "1h")]
        public TimeSpan Wait { get; set; } = TimeSpan.FromSeconds(1);

        [DurationRange("10ms", "1h")]
        public IReadOnlyList<TimeSpan>? Waits { get; set; }

        [ItemCount(1, 2)]
        [AllowedValues("gzip", "br")]
        public string[] Codings { get; set; } = ["gzip"];

        [Range(0, 100)]
        public Dictionary<string, int> Weights { get; set; } = [];

        public Inner? Inner { get; set; }

        public Inner?[] List { get; set; } = [];

        public IReadOnlyDictionary<string, Inner?>? Map { get; set; }

        public Record? Record { get; set; }

        public Shape? Shape { get; set; }

        [Even]
        public int Even { get; set; }
    }

    [JsonConverter(typeof(JsonStringEnumConverter<Mode>))]
    internal enum Mode
    {
        Fast,
        Slow,
        Off,
    }

    internal sealed class Inner
    {
        [Range(1, 9)]
        public int Level { get; set; } = 5;
    }

    internal sealed record Record([property: Range(1, 65_535)] int Port);

    [JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
    [JsonDerivedType(typeof(Round), "round")]
    internal abstract class Shape;

    internal sealed class Round : Shape
    {
        [Range(0, double.MaxValue, MinimumIsExclusive = true)]
        public double Radius { get; set; }
    }

    internal sealed class Late : IValidatable
    {
        [Range(1, int.MaxValue)]
        public int Count { get; set; }

        public void Validate() => throw new FilterConfigurationException("validated");
    }

    internal sealed class Mail
    {
        [EmailAddress]
        [JsonPropertyName("mail")]
        public string? Address { get; set; }
    }

    internal sealed class Never
    {
        public bool Flag { get; set; }

        [Required]
        public int Number { get; set; }
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
    [JsonSerializable(typeof(Settings))]
    [JsonSerializable(typeof(Late))]
    [JsonSerializable(typeof(Mail))]
    [JsonSerializable(typeof(Never))]
    internal sealed partial class RulesJson : JsonSerializerContext;
}
