using System.Runtime.InteropServices;
using System.Text;
using Outrider.Configuration;
using Outrider.Configuration.Problems;
using Outrider.Plugins.Modules;
using Outrider.Plugins.Modules.Libraries;
using Outrider.Proxy.Server;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Configuration;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Modules;

/// <summary>What a module that does not return holds up, and what one that schedules without end fills: both are limited. Each test has a library of its own, as what happens in it is counted.</summary>
public sealed partial class HangTests
{
    private const string Hook = "envoy_dynamic_module_on_http_filter_";

    [CompilerFact("gcc")]
    public async Task A_configuration_that_a_module_does_not_take_in_time_is_an_error_and_is_destroyed_when_it_comes_back()
    {
        string module = BuiltModule.C("hang", "-DTAKES");
        try
        {
            var problem = await ProblemOfAsync(Entry(module, "never"));
            Assert.Equal("servers[0].listeners[0].stream_filters[0]", problem.JsonPath);
            Assert.Contains($"the module {module} did not return from {Hook}config_new within 2 s (library.timeout)", problem.Message, StringComparison.Ordinal);
            // Nobody waits a second time.
            Assert.Contains($"did not return from {Hook}config_new in time, and has not returned yet", (await ProblemOfAsync(Entry(module, "any", "1h"))).Message, StringComparison.Ordinal);
        }
        finally
        {
            _ = BuiltModule.Ask(module, "hang_release");
        }

        await Eventually.HoldsAsync(() => BuiltModule.Ask(module, "hang_live") == 0);
        await Eventually.HoldsAsync(() => ProblemOf(Entry(module, "any", "20s")) is null);
        Assert.Equal(0, BuiltModule.Ask(module, "hang_live"));
    }

    [CompilerFact("gcc")]
    public async Task A_route_whose_configuration_a_module_does_not_take_in_time_is_an_error()
    {
        string module = BuiltModule.C("hang", "-DROUTE");
        try
        {
            var refused = await Assert.ThrowsAsync<ConfigurationException>(() => ModuleProxy.StartAsync(
                ["127.0.0.1:1"], [Entry(module, "any")], routes: """[{"match":{"prefix":"/"},"route":{"cluster_name":"up"},"per_filter_config":{"any":"x"}}]"""));
            Assert.Contains($"did not return from {Hook}per_route_config_new within 2 s", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            _ = BuiltModule.Ask(module, "hang_release");
        }
    }

    [CompilerFact("gcc")]
    public async Task A_reload_waits_a_limited_time_for_a_module_that_does_not_leave_a_configuration()
    {
        string module = BuiltModule.C("hang", "-DLEAVES");
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync([upstream.Address], [Entry(module, "does not end")]);
        try
        {
            var next = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(ModuleProxy.Json([upstream.Address], [])), "test.json").Configuration;
            await proxy.Server.ReloadAsync(next).SoonAsync();
            Assert.Equal(200, StatusOf(await proxy.SendAsync(Get)));
            await Eventually.HoldsAsync(() => BuiltModule.Ask(module, "hang_waiting") == 1);
        }
        finally
        {
            _ = BuiltModule.Ask(module, "hang_release");
        }

        await Eventually.HoldsAsync(() => BuiltModule.Ask(module, "hang_live") == 0);
    }

    // In a process of its own: where the loader itself waits, every later module waits too.
    [CompilerTheory("gcc")]
    [InlineData("-DINIT")]
    [InlineData("-DCONSTRUCTOR")]
    public async Task A_module_that_does_not_load_or_start_in_time_is_an_error_and_the_program_ends(string where)
    {
        using var folder = new TemporaryDirectory();
        string module = BuiltModule.C("hang", where);
        string file = folder.Write("mosn.json", ModuleProxy.Json(["127.0.0.1:1"], [Entry(module, "any"), Entry(BuiltModule.C("few"), "any")], log: "stdout"));
        foreach (string command in new[] { "check", "start" })
        {
            var (code, output, error) = await OutriderProcess.RunAsync(command, "-c", file);
            Assert.True(code == 1, $"{command} ended with {code}: {output}{error}");
            Assert.Contains($"did not return from loading and starting {module} ", output + error, StringComparison.Ordinal);
            Assert.Contains("(library.timeout)", output + error, StringComparison.Ordinal);
        }
    }

    // The loader is held then: whoever calls a function of the system for the first time would wait for ever.
    [CompilerFact("gcc")]
    public async Task A_reload_with_a_module_whose_constructor_hangs_is_refused_and_the_proxy_goes_on_and_ends()
    {
        using var folder = new TemporaryDirectory();
        using var upstream = Mirror();
        int port = OutriderProcess.FreePort();
        string file = folder.Write("mosn.json", On(port, upstream.Address, []));
        using var process = OutriderProcess.Start("start", "-c", file);
        await process.ListensAsync(port);
        await File.WriteAllTextAsync(file, On(port, upstream.Address, [Entry(BuiltModule.C("hang", "-DCONSTRUCTOR", "-DRELOAD"), "any")]));
        process.Signal(PosixSignal.SIGHUP);
        await Eventually.HoldsAsync(() => process.Out.Contains("the configuration was not reloaded", StringComparison.Ordinal));
        Assert.Contains("within 2 s (library.timeout)", process.Out, StringComparison.Ordinal);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(200, StatusOf(await RawClient.ExchangeAsync(port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")));
        }

        Assert.Contains("restart the proxy", process.Out, StringComparison.Ordinal);
        process.Signal(PosixSignal.SIGTERM);
        Assert.Equal(128 + 15, await process.ExitAsync());
    }

    [Fact]
    public async Task A_file_that_never_ends_or_never_begins_is_no_module()
    {
        using var folder = new TemporaryDirectory();
        string pipe = Path.Combine(folder.Path, "pipe.so");
        Assert.Equal(0, MakePipe(pipe, 0x180));
        foreach (var (path, kind) in new[] { (pipe, "a pipe"), ("/dev/zero", "a device") })
        {
            Assert.Contains($"cannot load the library {path}: is {kind}, not a plain file", (await ProblemOfAsync(ModuleProxy.Entry(path, "x"))).Message, StringComparison.Ordinal);
        }
    }

    [CompilerFact("gcc")]
    public async Task Tables_that_are_not_in_the_file_make_it_a_damaged_one()
    {
        using var folder = new TemporaryDirectory();
        byte[] image = await File.ReadAllBytesAsync(BuiltModule.C("few"));
        string file = Path.Combine(folder.Path, "libdamaged.so");
        foreach (byte top in new byte[] { 0x01, 0x7f, 0xff })
        {
            // e_shoff, in whole terabytes.
            image[46] = top;
            await File.WriteAllBytesAsync(file, image);
            Assert.Contains("its ELF headers are damaged", (await ProblemOfAsync(ModuleProxy.Entry(file, "x"))).Message, StringComparison.Ordinal);
        }
    }

    [CompilerFact("gcc")]
    public async Task Events_over_the_limit_are_dropped_and_logged_of_a_stream_and_of_a_configuration()
    {
        string module = BuiltModule.C("hang", "-DEVENTS");
        using var upstream = Mirror();
        await using (var proxy = await ModuleProxy.StartAsync([upstream.Address], [Entry(module, "any", "20s", events: 10)]))
        {
            Assert.Equal(200, StatusOf(await proxy.SendAsync(Get)));
            await Eventually.HoldsAsync(() => BuiltModule.Ask(module, "hang_events") == 10);
        }

        // A configuration is not called while it is made, so none of its thousand can be gone before the last has come.
        string other = BuiltModule.C("hang", "-DCONFIGURATION");
        await using (var proxy = await ModuleProxy.StartAsync([upstream.Address], [Entry(other, "events", "20s", events: 10)]))
        {
            await Eventually.HoldsAsync(() => BuiltModule.Ask(other, "hang_events") == 10);
        }
    }

    [CompilerFact("gcc")]
    public async Task What_a_module_says_is_written_visibly()
    {
        var problem = await ProblemOfAsync(Entry(BuiltModule.C("hang", "-DWORDS"), "words"));
        Assert.Contains(@"red \x1b[31m, turned \xe2\x80\xae, c1 \xc2\x9b.", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"timeout\":\"soon\"", "library.timeout", "wanted a duration greater than zero")]
    [InlineData("\"timeout\":\"0s\"", "library.timeout", "wanted a duration greater than zero")]
    [InlineData("\"timeout\":5", "library.timeout", "wanted a duration greater than zero")]
    [InlineData("\"max_events\":0", "library.max_events", "wanted a number from 1 to 1048576")]
    [InlineData("\"max_events\":1048577", "library.max_events", "wanted a number from 1 to 1048576")]
    public async Task A_limit_that_is_none_is_an_error_at_its_place(string member, string path, string message)
    {
        var problem = await ProblemOfAsync($$$"""{"type":"library","library":{"path":"./x.so",{{{member}}}}}""");
        Assert.Equal("servers[0].listeners[0].stream_filters[0]." + path, problem.JsonPath);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    private static string On(int port, string upstream, IReadOnlyList<string> entries)
        => ModuleProxy.Json([upstream], entries, log: "stdout").Replace("127.0.0.1:0", $"127.0.0.1:{port}", StringComparison.Ordinal);

    // Long enough for whatever does return, on a machine that is busy.
    private static string Entry(string module, string filter, string timeout = "2s", int events = 1000)
        => $$$"""{"type":"library","library":{"path":"{{{module}}}","filter":"{{{filter}}}","timeout":"{{{timeout}}}","max_events":{{{events}}}},"config":null}""";

    private static async Task<ConfigurationProblem> ProblemOfAsync(string entry)
    {
        var problem = await Task.Run(() => ProblemOf(entry)).SoonAsync();
        Assert.NotNull(problem);
        return problem;
    }

    private static ConfigurationProblem? ProblemOf(string entry)
    {
        var configuration = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(ModuleProxy.Json(["127.0.0.1:1"], [entry])), "test.json").Configuration;
        try
        {
            ProxyServer.CheckAsync(configuration, ModuleProxy.Registry()).GetAwaiter().GetResult();
            return null;
        }
        catch (ConfigurationException e)
        {
            return Assert.Single(e.Problems);
        }
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakePipe(string path, uint mode);
}
