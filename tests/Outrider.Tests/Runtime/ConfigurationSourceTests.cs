using System.Text.Json;
using Outrider.Assemblies;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Proxy.Listening;
using Outrider.Samples.DirectorySource;
using Outrider.Tests.Harness;
using static Outrider.Tests.Runtime.RuntimeStoreTests;

namespace Outrider.Tests.Runtime;

/// <summary>Sources of configurations that extensions bring.</summary>
public sealed class ConfigurationSourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("outrider-source-").FullName;
    private readonly RawUpstream _a = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na");
    private readonly RawUpstream _b = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nb");

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_sample_in_a_dll_is_loaded_and_keeps_resources_in_step_with_a_directory()
    {
        var extensions = new ConnectionExtensions();
        Assert.Equal(["directory"], ExtensionAssembly.Load(
            typeof(DirectorySource).Assembly.Location, new StreamFilterRegistry(), new CertificateProviderRegistry(), kinds: [ExtensionKind.ConfigurationSources(extensions.ConfigurationSources)]));
        await using var proxy = await StartAsync(extensions);
        using var client = await RawClient.ConnectAsync(PortOf(proxy, "l"));
        Assert.Equal("a", await AskAsync(client));

        Write("hosts.up.json", $$"""[{"address":"{{_b.Address}}"}]""");
        await EventuallyAnswersAsync(client, "b");

        // Wrong, and no harm.
        Write("hosts.up.json", "[{}]");
        await Eventually.HoldsAsync(() => File.Exists(Path.Combine(_folder, "hosts.up.json")));
        Assert.Equal("b", await AskAsync(client));

        File.Delete(Path.Combine(_folder, "hosts.up.json"));
        await EventuallyAnswersAsync(client, "a");
        Write("router.r.json", RouterJson("r", """{"match":{"prefix":"/"},"direct_response":{"status":200,"body":"t"}}"""));
        await EventuallyAnswersAsync(client, "t");
    }

    [Fact]
    public async Task What_a_source_said_goes_with_it_when_a_reload_does_not_name_it_any_more()
    {
        var extensions = new ConnectionExtensions();
        extensions.ConfigurationSources.Add("directory", configuration => new DirectorySource(JsonSerializer.Deserialize<DirectoryConfig>(configuration.Json.Span, JsonSerializerOptions.Web)!));
        await using var proxy = await StartAsync(extensions);
        using var client = await RawClient.ConnectAsync(PortOf(proxy, "l"));
        Write("hosts.up.json", $$"""[{"address":"{{_b.Address}}"}]""");
        await EventuallyAnswersAsync(client, "b");

        await proxy.Server.ReloadAsync(Parse(RuntimeStoreTests.Json(_a.Address, _a.Address, more: Named())));
        Assert.Equal("b", await AskAsync(client));
        await proxy.Server.ReloadAsync(Parse(RuntimeStoreTests.Json(_a.Address, _a.Address)));
        Assert.Equal("a", await AskAsync(client));
    }

    [Fact]
    public async Task A_source_that_fails_is_run_again()
    {
        var extensions = new ConnectionExtensions();
        var source = new Failing($$"""[{"address":"{{_b.Address}}"}]""");
        extensions.ConfigurationSources.Add("directory", _ => source);
        await using var proxy = await StartAsync(extensions);
        using var client = await RawClient.ConnectAsync(PortOf(proxy, "l"));

        await EventuallyAnswersAsync(client, "b");

        // What was applied is in force before the source hears of it.
        await Eventually.HoldsAsync(() => source.Results is not null);
        Assert.Equal(2, source.Runs);
        Assert.True(Assert.Single(source.Results!).IsAccepted);
    }

    [Fact]
    public async Task A_source_that_nobody_knows_is_an_error_that_names_its_place()
    {
        var e = await Assert.ThrowsAsync<ConfigurationException>(() => StartAsync(new ConnectionExtensions()));

        Assert.EndsWith("configuration_sources[0].type: there is no configuration source 'directory'; there is none", e.Message, StringComparison.Ordinal);
    }

    private Task<TestProxy> StartAsync(ConnectionExtensions extensions) => TestProxy.StartJsonAsync(RuntimeStoreTests.Json(_a.Address, _a.Address, more: Named()), extensions: extensions);

    private string Named() => $$$""","configuration_sources":[{"type":"directory","config":{"path":"{{{_folder}}}","interval":"20ms"}}]""";

    // As a whole, as whoever writes configurations should.
    private void Write(string name, string text)
    {
        string next = Path.Combine(_folder, name + ".next");
        File.WriteAllText(next, text);
        File.Move(next, Path.Combine(_folder, name), overwrite: true);
    }

    private static async Task EventuallyAnswersAsync(RawClient client, string wanted)
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        while (await AskAsync(client) != wanted)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Delay(10);
        }
    }

    private sealed class Failing(string hosts) : IConfigurationSource
    {
        internal int Runs { get; private set; }

        internal IReadOnlyList<ConfigurationResourceResult>? Results { get; private set; }

        public async Task RunAsync(IConfigurationUpdates updates, CancellationToken stop)
        {
            Runs++;
            if (Runs == 1)
            {
                throw new InvalidOperationException("not yet");
            }

            Results = await updates.ApplyAsync([new ConfigurationResource(ConfigurationResourceKind.Hosts, "up", System.Text.Encoding.UTF8.GetBytes(hosts))]);
            await Task.Delay(Timeout.Infinite, stop);
        }
    }
}
