using Outrider.Filters;

namespace OutriderFilter1.Tests;

public sealed class FilterTests
{
    private static readonly FilterConfig s_config = Configured(new FilterConfig { Header = "user", Value = "admin" });

    [Theory]
    [InlineData("admin", FilterActionKind.Continue, 0)]
    [InlineData("eve", FilterActionKind.Reply, 403)]
    [InlineData(null, FilterActionKind.Reply, 403)]
    public async Task Only_the_right_value_passes(string? value, FilterActionKind kind, int status)
    {
        var headers = new FakeRequestHeaders();
        if (value is not null)
        {
            headers.Set("user", value);
        }

        var action = await new Filter(s_config).DecodeHeadersAsync(headers, endStream: true);

        Assert.Equal(kind, action.Kind);
        Assert.Equal(status, action.Status);
    }

    [Fact]
    public void A_configuration_without_a_header_is_refused()
        => Assert.Equal("$.header", Assert.Throws<FilterConfigurationException>(() => Configured(new FilterConfig { Value = "admin" })).Path);

    private static FilterConfig Configured(FilterConfig config)
    {
        config.Validate();
        return config;
    }
}
