using System.Text;
using Outrider.Filters;
using Outrider.Plugins.Certificates;

namespace Outrider.Tests.Plugins;

/// <summary>How the certificate provider <c>loader</c> waits for its plugin, and what it says when there is no certificate.</summary>
public sealed class LoaderProviderTests
{
    [Fact]
    public async Task The_timeout_holds_from_the_moment_that_the_process_runs()
    {
        var material = await StartAsync("""{"plugin":"obedient","args":["--slow","5000"],"timeout":"4s"}""");
        Assert.Equal("cert", material.CertificateChain);
    }

    [Fact]
    public async Task A_plugin_that_runs_and_does_not_answer_is_waited_for_no_longer_than_the_timeout()
    {
        var failure = await Assert.ThrowsAsync<PluginException>(() => StartAsync("""{"plugin":"obedient","args":["--answer-after","60000"],"timeout":"300ms"}"""));
        Assert.Equal(PluginFailure.Timeout, failure.Failure);
    }

    [Theory]
    [InlineData("""{"plugin":"obedient","args":["--slow","60000"],"start_timeout":"300ms"}""", "", "it is starting")]
    [InlineData("""{"plugin":"obedient","args":["--slow","60000"]}""", ", \"start_timeout\":\"400ms\"", "it was not ready within 400 ms (start_timeout): it did not say where it listens")]
    public async Task A_plugin_that_does_not_start_is_waited_for_as_long_as_the_configuration_says(string config, string settings, string message)
    {
        var failure = await Assert.ThrowsAsync<PluginException>(() => StartAsync(config, settings));
        Assert.Equal($"plugin 'obedient' is down: {message}", failure.Message);
    }

    [Theory]
    [InlineData("403", "no such tenant: a\\u202eb", "refused with status 403: no such tenant: a\\xe2\\x80\\xaeb")]
    [InlineData("-1", "", "refused with status -1, and did not say why")]
    [InlineData("500", "{\\\"key_pem\\\":\\\"s3cret\\\"}", "refused with status 500, with an answer that is not shown, as it holds a key")]
    public async Task A_refusals_status_and_text_are_in_the_error(string status, string text, string message)
    {
        var failure = await Assert.ThrowsAsync<FormatException>(() => StartAsync($$"""{"plugin":"obedient","args":["--refuse","{{status}}","{{text}}"],"timeout":"60s"}"""));
        Assert.Equal("the plugin 'obedient' " + message, failure.Message);
    }

    private static async Task<CertificateMaterial> StartAsync(string config, string settings = "")
    {
        using var folder = new PluginFolder().WithObedient();
        await using var plugins = new TestPlugins(folder);
        var generation = plugins.Begin(settings);
        using var provider = new LoaderProvider(new CertificateProviderContext("loader", default, Encoding.UTF8.GetBytes(config), folder.Path, _ => { }) { Plugins = generation });
        return await provider.StartAsync(_ => { }, CancellationToken.None);
    }
}
