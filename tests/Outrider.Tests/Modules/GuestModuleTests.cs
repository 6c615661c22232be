using System.Globalization;
using Outrider.Tests.Envoy;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Modules;

/// <summary>Filters in C#, published as modules for Envoy, do the same in our proxy: a second .NET in the process, and nobody notices.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class GuestModuleTests(EnvoyModules modules)
{
    private const string TestFilters = "tests/modules/test-filters";

    // A minute for those who ask for it: OUTRIDER_HAZARD_SECONDS=60.
    private static readonly int s_seconds = int.Parse(Environment.GetEnvironmentVariable("OUTRIDER_HAZARD_SECONDS") ?? "4", CultureInfo.InvariantCulture);

    [CompilerFact("gcc")]
    public async Task The_token_sample_answers_as_in_its_article()
    {
        string module = await FileAsync("samples/envoy-token");
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync([upstream.Address], [ModuleProxy.Entry(module, "example-1", "{\"secret\":\"secret\"}")]);
        Assert.Equal("missing token", BodyOf(await proxy.SendAsync(Get)));
        string wrong = await proxy.SendAsync("GET / HTTP/1.1\r\nhost: x\r\ntoken: c64319d06364528120a9f96af62ea830\r\n\r\n");
        Assert.Equal((403, "invalid token"), (StatusOf(wrong), BodyOf(wrong)));
        Assert.Equal(200, StatusOf(await proxy.SendAsync("GET / HTTP/1.1\r\nhost: x\r\ntoken: c64319d06364528120a9f96af62ea83d\r\n\r\n")));
    }

    [CompilerFact("gcc")]
    public async Task A_filter_that_awaits_comes_back_to_its_stream()
    {
        string module = await FileAsync(TestFilters);
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync([upstream.Address], [ModuleProxy.Entry(module, "delay", "{}")]);
        string response = await proxy.SendAsync("GET / HTTP/1.1\r\nhost: x\r\nx-delay: 5\r\nx-delay-out: 5\r\n\r\n");
        Assert.Contains("x-waited: same-thread\r\n", response, StringComparison.Ordinal);
        Assert.Contains("x-waited-out: yes\r\n", response, StringComparison.Ordinal);
        string collected = await proxy.SendAsync("POST / HTTP/1.1\r\nhost: x\r\nx-delay: 5\r\nx-collect: 1\r\ncontent-length: 5\r\n\r\nhello");
        Assert.EndsWith("HELLO!", collected, StringComparison.Ordinal);
    }

    [CompilerFact("gcc")]
    public async Task Pieces_of_a_body_pass_through_a_filter_that_awaits()
    {
        string module = await FileAsync(TestFilters);
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync([upstream.Address], [ModuleProxy.Entry(module, "pieces", "{}")]);
        string response = await proxy.SendAsync("POST / HTTP/1.1\r\nhost: x\r\nx-pause: 2\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n");
        Assert.Contains("ABC", response, StringComparison.Ordinal);
        Assert.Contains("DEF", response, StringComparison.Ordinal);
    }

    [CompilerFact("gcc")]
    public async Task A_configuration_that_the_filter_refuses_is_an_error_with_its_words()
    {
        string module = await FileAsync("samples/envoy-token");
        var e = await Assert.ThrowsAsync<Outrider.Configuration.Problems.ConfigurationException>(
            () => ModuleProxy.StartAsync(["127.0.0.1:1"], [ModuleProxy.Entry(module, "example-1", "{\"secret\":\"\"}")]));
        Assert.Contains("a secret is needed", e.Message, StringComparison.Ordinal);
    }

    [CompilerFact("gcc")]
    public async Task Three_runtimes_in_one_process_survive_collections_and_threads_inside_malloc()
    {
        string one = await FileAsync(TestFilters);
        string other = Path.Combine(modules.Folder, $"lib{modules.Copy(Path.GetFileNameWithoutExtension(one)[3..], "test_filters_hazard")}.so");
        string churn = BuiltModule.C("churn");
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(
            [upstream.Address],
            [
                ModuleProxy.Entry(one, "life", "{\"version\":\"a\",\"max_delay_ms\":3,\"collect\":true}"),
                ModuleProxy.Entry(other, "life", "{\"version\":\"b\",\"collect\":true}"),
            ],
            loops: 2);
        _ = BuiltModule.Ask(churn, "churn_start");
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(s_seconds));
        var collector = Task.Run(() =>
        {
            while (!end.IsCancellationRequested)
            {
                GC.Collect();
                Thread.Sleep(1);
            }
        });
        int whole = 0;
        while (!end.IsCancellationRequested)
        {
            whole += await AbortingClients.RunAsync(proxy.Port, 200);
        }

        await collector;
        _ = BuiltModule.Ask(churn, "churn_stop");
        Assert.True(whole > 0, "no request was answered");
        await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0);
        Assert.Contains("filters=0 ", await proxy.SendAsync("GET /life HTTP/1.1\r\nhost: x\r\n\r\n"), StringComparison.Ordinal);
        Assert.DoesNotContain("[ERROR]", proxy.Log, StringComparison.Ordinal);
    }

    private async Task<string> FileAsync(string project) => Path.Combine(modules.Folder, $"lib{await modules.PublishAsync(project)}.so");
}
