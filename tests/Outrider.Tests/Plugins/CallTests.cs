using Outrider.Filters;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Plugins;

public sealed class CallTests : IAsyncLifetime
{
    private readonly PluginFolder _folder = new PluginFolder().WithObedient();
    private readonly TestPlugins _plugins;

    public CallTests() => _plugins = new TestPlugins(_folder);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _plugins.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("delay 10000")]
    [InlineData("deaf 5000")]
    public async Task A_call_ends_when_its_time_is_over_and_the_plugin_learns_of_it(string order)
    {
        var plugin = await _plugins.UseAsync("obedient");
        await plugin.PidAsync();

        // Long enough for the plugin to have begun, or it would have nothing to learn.
        var failure = await plugin.DoAsync(order, TimeSpan.FromSeconds(2)).FailureAsync();

        Assert.Equal(PluginFailure.Timeout, failure.Failure);
        Assert.StartsWith("plugin 'obedient': ", failure.Message, StringComparison.Ordinal);
        string cancelled = order.StartsWith("delay", StringComparison.Ordinal) ? "1" : "0";
        await AssertCancelledAsync(plugin, cancelled);
    }

    [Fact]
    public async Task A_call_that_is_given_up_is_cancelled_in_the_plugin()
    {
        var plugin = await _plugins.UseAsync("obedient");
        using var stop = new CancellationTokenSource();
        var call = plugin.DoAsync("delay 10000", cancellationToken: stop.Token);
        await Eventually.HoldsAsync(async () => (await plugin.DoAsync("begun")).Text() == "1");
        Assert.False(call.IsCompleted);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await AssertCancelledAsync(plugin, "1");
    }

    [Fact]
    public async Task What_a_plugin_throws_comes_back_as_its_failure()
    {
        var plugin = await _plugins.UseAsync("obedient");

        var failure = await plugin.DoAsync("throw").FailureAsync();

        Assert.Equal(PluginFailure.Failed, failure.Failure);
        Assert.Contains("as ordered: 100 % naïve", failure.Message, StringComparison.Ordinal);
        Assert.True(await plugin.PidAsync() > 0);
    }

    [Fact]
    public async Task Messages_have_their_limits_on_both_sides_and_both_ways()
    {
        var plugin = await _plugins.UseAsync("obedient", new PluginOptions { MaxMessageSize = 10_000, Arguments = ["--small", "20000"] });
        var generous = _plugins.Begin();
        var other = generous.Register("obedient", new PluginOptions { Arguments = ["--small", "20000"] });
        await generous.StartAsync();
        generous.Use();

        Assert.Equal(9_900, (await plugin.DoAsync("size 9900")).Body.Length);
        foreach (var call in new[]
        {
            plugin.DoAsync("size 10000"),
            plugin.CallAsync(new PluginRequest { Type = "echo", Body = new byte[10_000] }, PluginCalls.Patience).AsTask(),
            other.DoAsync("size 20000"),
            other.CallAsync(new PluginRequest { Type = "echo", Body = new byte[20_000] }, PluginCalls.Patience).AsTask(),
        })
        {
            var failure = await call.FailureAsync();
            Assert.Equal(PluginFailure.TooLarge, failure.Failure);
        }

        Assert.Equal(19_000, (await other.DoAsync("size 19000")).Body.Length);
    }

    [Fact]
    public async Task A_thousand_calls_at_a_time_all_come_back()
    {
        var plugin = await _plugins.UseAsync("obedient");

        var responses = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => plugin.DoAsync($"status {i}")));

        Assert.Equal(Enumerable.Range(0, 1000), responses.Select(response => response.Status));
    }

    private static Task AssertCancelledAsync(IPlugin plugin, string count)
        => Eventually.HoldsAsync(async () => (await plugin.DoAsync("cancelled")).Text() == count);
}
