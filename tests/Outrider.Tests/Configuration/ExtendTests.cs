using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Proxy.Listening;
using Outrider.Tests.Harness;
using Xunit;

namespace Outrider.Tests.Configuration;

/// <summary><c>extends</c>: entries for whoever is registered for their type.</summary>
public sealed class ExtendTests
{
    [Fact]
    public async Task Whoever_is_registered_for_a_type_gets_its_entry_and_others_are_passed_over()
    {
        var seen = new List<string>();
        await using var proxy = await StartAsync("""[{"type":"nobody","config":7},{"type":"mine","config":{"a":1}},{"type":"mine","config":"text"}]""", seen);

        Assert.Equal(["""{"a":1}""", "\"text\""], seen);
    }

    [Fact]
    public async Task An_entry_that_is_refused_is_an_error_with_its_place()
    {
        var refusal = await Assert.ThrowsAsync<ConfigurationException>(() => StartAsync("""[{"type":"mine","config":{"bad":true}}]""", []));
        Assert.Contains("extends[0].config.bad: no", refusal.Message, StringComparison.Ordinal);
    }

    private static Task<TestProxy> StartAsync(string extends, List<string> seen)
    {
        var extensions = new ConnectionExtensions();
        extensions.Configurations.Add("mine", configuration => new Mine(configuration, seen));
        return TestProxy.StartJsonAsync($$"""
            {"servers":[{"default_log_path":"/dev/null","processor":1,
            "routers":[{"router_config_name":"r","virtual_hosts":[{"domains":["*"],"routers":[{"match":{"prefix":"/"},"direct_response":{"status":200} }]}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"} }]}]}]}],
            "extends":{{extends}} }
            """, extensions: extensions);
    }

    private sealed class Mine : IConfigurationExtension
    {
        private readonly string _text;
        private readonly List<string> _seen;

        internal Mine(FilterConfiguration configuration, List<string> seen)
        {
            _text = System.Text.Encoding.UTF8.GetString(configuration.Json.Span);
            _seen = seen;
            if (_text.Contains("bad", StringComparison.Ordinal))
            {
                throw new FilterConfigurationException("$.bad", "no");
            }
        }

        public void Apply() => _seen.Add(_text);
    }
}
