using System.Text;
using Outrider.Configuration;
using Outrider.Configuration.Problems;
using Outrider.Proxy.Server;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Configuration;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Modules;

/// <summary>What a configuration says of a module, and what is said when it cannot be.</summary>
public sealed class LoadingTests
{
    [CompilerFact("gcc")]
    public async Task What_a_module_does_not_export_is_taken_as_continue()
    {
        using var upstream = RawUpstream.Answering(Response("hello"));
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.C("few"), "any");
        Assert.EndsWith("hello", await proxy.SendAsync(Post("hello")), StringComparison.Ordinal);
        Assert.Equal(200, StatusOf(await proxy.SendAsync(PostChunkedWith("x-sum: 1\r\n", "abc"))));
    }

    [CompilerTheory("gcc")]
    [InlineData("-Wl,-z,now")]
    [InlineData("-Wl,-z,lazy")]
    public void A_callback_that_does_not_exist_is_an_error_that_names_it(string binding)
    {
        string module = BuiltModule.C("unknown", binding);
        var problem = ProblemOf(ModuleProxy.Entry(module, "x"));
        Assert.Equal("servers[0].listeners[0].stream_filters[0].library.path", problem.JsonPath);
        Assert.Contains(module, problem.Message, StringComparison.Ordinal);
        Assert.Contains("envoy_dynamic_module_callback_http_read_minds, envoy_dynamic_module_callback_http_stop_time", problem.Message, StringComparison.Ordinal);
    }

    [CompilerFact("gcc")]
    public async Task A_module_that_refers_to_other_kinds_of_extensions_loads_and_is_told_no_by_them()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.C("others", "-Wl,-z,now"), "", "call");
        for (int i = 0; i < 2; i++)
        {
            // 0 and false; "cannot create" for a callout, "not found" for a metric; and nothing where a number or two words are read.
            Assert.Contains("x-others: 0 0 4 1 0 (nil)/0\r\n", await proxy.SendAsync(Get), StringComparison.Ordinal);
        }
    }

    [CompilerTheory("gcc")]
    [InlineData("\"the secret\"", "the secret")]
    [InlineData("{\"secret\": \"s\", \"n\": [1,2]}", "{\"secret\": \"s\", \"n\": [1,2]}")]
    [InlineData("\"caf\\u00e9\"", "café")]
    [InlineData("42", "42")]
    public async Task A_string_reaches_the_module_as_its_bytes_and_the_rest_as_json(string config, string expected)
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync([upstream.Address], [ModuleProxy.Entry(BuiltModule.Every, "config", config)]);
        string bytes = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(expected));
        Assert.Contains($"x-config: {bytes}\r\n", await proxy.SendAsync(Get), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_missing_is_an_error_that_names_it()
    {
        var problem = ProblemOf(ModuleProxy.Entry("./no-such-module.so", "x"));
        Assert.Equal("servers[0].listeners[0].stream_filters[0].library.path", problem.JsonPath);
        Assert.Contains($"there is no file {Path.GetFullPath("no-such-module.so")}", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_library_is_an_error_that_says_so()
    {
        string file = Path.Combine(Path.GetTempPath(), $"outrider-{Guid.NewGuid():n}.so");
        File.WriteAllText(file, "#!/bin/sh\necho no\n");
        try
        {
            Assert.Contains($"cannot load the library {file}: neither a .NET assembly nor a shared library", ProblemOf(ModuleProxy.Entry(file, "x")).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [CompilerFact("gcc")]
    public async Task A_module_that_cannot_be_loaded_is_an_error_in_the_loaders_words()
    {
        // In a process of its own, where nothing was loaded before.
        using var folder = new TemporaryDirectory();
        string file = folder.Write("mosn.json", ModuleProxy.Json(["127.0.0.1:1"], [ModuleProxy.Entry(BuiltModule.C("undefined"), "x")], log: "stdout"));
        var (code, output, error) = await OutriderProcess.RunAsync("check", "-c", file);
        Assert.NotEqual(0, code);
        Assert.Contains("undefined symbol: no_such_function_anywhere", output + error, StringComparison.Ordinal);
    }

    [CompilerFact("gcc")]
    public void A_library_that_is_no_module_is_an_error_that_says_what_it_lacks()
        => Assert.Contains("it has no envoy_dynamic_module_on_program_init", ProblemOf(ModuleProxy.Entry(BuiltModule.C("plain"), "x")).Message, StringComparison.Ordinal);

    [CompilerFact("gcc")]
    public void A_module_that_refuses_to_start_is_an_error()
        => Assert.Contains("refused to start", ProblemOf(ModuleProxy.Entry(BuiltModule.C("not-ready"), "x")).Message, StringComparison.Ordinal);

    [CompilerFact("gcc")]
    public void A_configuration_that_the_module_refuses_is_an_error_with_the_modules_words()
    {
        var problem = ProblemOf(ModuleProxy.Entry(BuiltModule.Every, "refuse", "{\"secret\":\"\"}"));
        Assert.Equal("servers[0].listeners[0].stream_filters[0].config", problem.JsonPath);
        Assert.Contains("refused the configuration of its filter 'refuse': the secret is too short", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"library","config":{}}""", "library", "wanted an object")]
    [InlineData("""{"type":"library","library":{"filter":"x"}}""", "library.path", "wanted the library's file")]
    [InlineData("""{"type":"library","library":{"path":"./x.so","filter":1}}""", "library.filter", "wanted the name")]
    [InlineData("""{"type":"library","library":{"path":"./x.so","fliter":"x"}}""", "library.fliter", "unknown key")]
    public void A_mistake_in_the_entry_is_an_error_at_its_place(string entry, string path, string message)
    {
        var problem = ProblemOf(entry);
        Assert.Equal("servers[0].listeners[0].stream_filters[0]." + path, problem.JsonPath);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [CompilerFact("gcc")]
    public async Task A_path_begins_at_the_configurations_folder()
    {
        using var folder = new TemporaryDirectory();
        File.Copy(BuiltModule.C("few"), Path.Combine(folder.Path, "libfew.so"));
        string file = Path.Combine(folder.Path, "mosn.json");
        var configuration = ConfigurationLoader.Parse(
            Encoding.UTF8.GetBytes(ModuleProxy.Json(["127.0.0.1:1"], [ModuleProxy.Entry("./libfew.so", "x")])), file).Configuration;
        await ProxyServer.CheckAsync(configuration, ModuleProxy.Registry());
    }

    [CompilerFact("gcc")]
    public async Task Old_configurations_are_destroyed_after_their_last_stream()
    {
        // A file of its own, so that the numbers are this test's alone.
        string module = BuiltModule.C("every", "-DRELOAD");
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync([upstream.Address], [ModuleProxy.Entry(module, "wait", "\"one\"")]);
        Assert.Equal(1, BuiltModule.Ask(module, "every_live_configs"));
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync("GET / HTTP/1.1\r\nhost: x\r\nx-delay: 8000\r\n\r\n");
        await Eventually.HoldsAsync(() => BuiltModule.Ask(module, "every_live_filters") == 1);
        var next = ConfigurationLoader.Parse(
            Encoding.UTF8.GetBytes(ModuleProxy.Json([upstream.Address], [ModuleProxy.Entry(module, "wait", "\"two\"")])), "test.json").Configuration;
        await proxy.Server.ReloadAsync(next);
        Assert.Equal(2, BuiltModule.Ask(module, "every_live_configs"));
        Assert.Equal(200, StatusOf(await client.ReadResponseAsync()));
        await Eventually.HoldsAsync(() => BuiltModule.Ask(module, "every_live_configs") == 1);

        // One that is refused leaves nothing behind, and the one in force as it is.
        var refused = ConfigurationLoader.Parse(
            Encoding.UTF8.GetBytes(ModuleProxy.Json([upstream.Address], [ModuleProxy.Entry(module, "wait"), ModuleProxy.Entry(module, "refuse")])), "test.json").Configuration;
        _ = await Assert.ThrowsAsync<ConfigurationException>(() => proxy.Server.ReloadAsync(refused));
        Assert.Equal(1, BuiltModule.Ask(module, "every_live_configs"));
        Assert.Equal(200, StatusOf(await proxy.SendAsync(Get)));
        await proxy.Server.StopAsync();
        await Eventually.HoldsAsync(() => BuiltModule.Ask(module, "every_live_configs") == 0);
    }

    private static ConfigurationProblem ProblemOf(string entry)
    {
        var configuration = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(ModuleProxy.Json(["127.0.0.1:1"], [entry])), "test.json").Configuration;
        return Assert.Single(Assert.Throws<ConfigurationException>(() => ProxyServer.CheckAsync(configuration, ModuleProxy.Registry()).GetAwaiter().GetResult()).Problems);
    }
}
