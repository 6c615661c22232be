using System.Text;
using Outrider.Configuration;

namespace Outrider.Tests.Configuration;

/// <summary>Keys of the root that need no word, as there is nothing to be done about them.</summary>
public sealed class SilentKeyTests
{
    [Theory]
    [InlineData("\"$schema\": \"https://example.test/outrider.json\"")]
    [InlineData("\"node\": {\"id\": \"n\", \"cluster\": \"c\"}")]
    [InlineData("\"layered_runtime\": {\"layers\": [{\"name\": \"static\"}]}")]
    [InlineData("\"disable_upgrade\": true, \"close_graceful\": true")]
    public void They_are_taken_in_silence(string keys)
    {
        var loaded = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes($$"""{"servers": [{"listeners": []}], {{keys}} }"""), "mosn.json");

        string[] names = ["$schema", "node", "layered_runtime", "disable_upgrade", "close_graceful"];
        Assert.DoesNotContain(loaded.Warnings, warning => names.Any(name => warning.JsonPath.StartsWith(name, StringComparison.Ordinal)));
    }
}
