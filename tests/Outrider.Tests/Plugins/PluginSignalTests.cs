using System.Runtime.InteropServices;
using Outrider.Filters;
using Outrider.Plugins.Protocol;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Plugins;

/// <summary>What a plugin of the SDK does at signals that are sent to it, or to all of a group.</summary>
public sealed partial class PluginSignalTests : IAsyncLifetime
{
    private const int Terminate = 15;

    private readonly PluginFolder _folder = new PluginFolder().WithObedient();
    private readonly TestPlugins _plugins;

    public PluginSignalTests() => _plugins = new TestPlugins(_folder);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _plugins.DisposeAsync();
        await Eventually.HoldsAsync(() => PluginFolder.ProcessesWith(_folder.Path).Count == 0);
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(12)]
    public async Task A_signal_that_is_the_proxys_does_nothing_to_a_plugin(int signal)
    {
        var plugin = await _plugins.UseAsync("obedient");
        int before = await plugin.PidAsync();

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(0, Send(before, signal));
            Assert.Equal(before, await plugin.PidAsync());
        }

        Assert.DoesNotContain("ended with exit code", _plugins.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SIGTERM_lets_a_call_end_that_runs()
    {
        var plugin = await _plugins.UseAsync("obedient", new PluginOptions { Arguments = ["--stop-timeout", "60000"] });
        int pid = await plugin.PidAsync();
        var call = plugin.DoAsync("deaf 500");
        _ = await plugin.PidAsync();

        Assert.Equal(0, Send(pid, Terminate));

        Assert.Equal(0, (await call).Status);
        await Eventually.HoldsAsync(() => _plugins.Log.Contains($"process {pid} ended with exit code 0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_second_SIGTERM_ends_a_plugin_at_once_whatever_runs_in_it()
    {
        var plugin = await _plugins.UseAsync("obedient", new PluginOptions { Arguments = ["--stop-timeout", "60000"] });
        int pid = await plugin.PidAsync();
        var call = plugin.DoAsync("deaf 60000");
        _ = await plugin.PidAsync();

        // Two that come at the same moment are one signal.
        await Eventually.HoldsAsync(() => Send(pid, Terminate) != 0 || _plugins.Log.Contains($"process {pid} ended with exit code 143", StringComparison.Ordinal));

        Assert.Equal(PluginFailure.Unavailable, (await call.FailureAsync()).Failure);
        await Eventually.HoldsAsync(() => _plugins.Log.Contains($"process {pid} ended with exit code 143", StringComparison.Ordinal));
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);
}
