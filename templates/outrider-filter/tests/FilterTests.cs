using Outrider.Filters;
using Outrider.Filters.Testing;

namespace OutriderFilter1.Tests;

public sealed class FilterTests
{
    private const string Config = """{ "header": "user", "value": "admin" }""";

    [Theory]
    [InlineData("admin", 200)]
    [InlineData("eve", 403)]
    [InlineData(null, 403)]
    public async Task Only_the_right_value_passes(string? value, int status)
    {
        await using var host = new FilterHost().Add<Filter>(Config).OnUpstream(_ => new TestResponse(200, "hello"));
        var request = TestRequest.Get("/");
        if (value is not null)
        {
            _ = request.With("user", value);
        }

        var exchange = await host.SendAsync(request);

        Assert.Equal(status, exchange.Status);
        // Nothing that is refused reaches the upstream.
        Assert.Equal(status == 200, exchange.Upstream is not null);
    }

    [Fact]
    public void A_configuration_without_a_header_is_refused()
    {
        using var host = new FilterHost();

        var refusal = Assert.Throws<FilterConfigurationException>(() => host.Add<Filter>("""{ "value": "admin" }"""));

        Assert.Equal("$.header", refusal.Path);
    }
}
