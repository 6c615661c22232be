using System.Text;
using System.Text.Json.Serialization;
using Outrider.Assemblies;
using Outrider.Filters;

namespace Outrider.Tests.Configuration;

/// <summary>Durations in the configuration of a filter, whose author says nothing of how they are read.</summary>
public sealed partial class FilterDurationTests
{
    [Theory]
    [InlineData("\"10s\"", 10_000)]
    [InlineData("\"1h30m\"", 5_400_000)]
    [InlineData("\"250ms\"", 250)]
    [InlineData("1000000", 1)]
    public void They_are_read_as_everywhere(string text, int milliseconds)
    {
        foreach (var value in new[] { Read(DurationJson.Default.Settings, text), Read(ExtensionJson.OptionsOf(typeof(Settings).Assembly).GetTypeInfo(typeof(Settings)), text) })
        {
            Assert.Equal(milliseconds, value.Wait.TotalMilliseconds);
            Assert.Equal(milliseconds, value.Perhaps!.Value.TotalMilliseconds);
            Assert.Equal([TimeSpan.FromMilliseconds(milliseconds)], value.All);
        }
    }

    [Fact]
    public void What_is_none_is_an_error_with_its_path()
    {
        var refused = Assert.Throws<FilterConfigurationException>(() => Read(DurationJson.Default.Settings, "\"soon\""));
        Assert.Equal("$.wait", refused.Path);
        Assert.Contains("wanted a duration such as", refused.Message, StringComparison.Ordinal);
    }

    private static Settings Read(System.Text.Json.Serialization.Metadata.JsonTypeInfo type, string text)
        => (Settings)new FilterConfiguration("t", Encoding.UTF8.GetBytes($$"""{"wait":{{text}},"perhaps":{{text}},"all":[{{text}}]}"""), "/").Read(type);

    internal sealed class Settings
    {
        public TimeSpan Wait { get; set; }

        public TimeSpan? Perhaps { get; set; }

        public TimeSpan[] All { get; set; } = [];
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(Settings))]
    internal sealed partial class DurationJson : JsonSerializerContext;
}
