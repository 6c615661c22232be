using Outrider.Tests.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Modules;

/// <summary>What a module is told of its stream and may leave with it, and what it hears where our proxy has nothing.</summary>
public sealed class StreamInfoTests
{
    private static string Module => BuiltModule.C("stream");

    [CompilerTheory("gcc")]
    [InlineData("runtime", "1 0 18446744073709551615 2.5")]
    [InlineData("secrets", "0 0 0")]
    [InlineData("span", "nothing happened")]
    public async Task What_the_proxy_does_not_have_is_answered_as_Envoy_answers_without_it(string filter, string said)
        => Assert.Contains($"x-said: {filter}: {said}\r\n", await AskAsync(filter), StringComparison.Ordinal);

    [CompilerFact("gcc")]
    public async Task A_struct_becomes_metadata_one_value_for_each_field()
        => Assert.Contains("x-said: struct: 1.5 1 text two 0 5\r\n", await AskAsync("struct"), StringComparison.Ordinal);

    [CompilerFact("gcc")]
    public async Task A_typed_message_is_kept_as_it_is_and_a_damaged_one_changes_nothing()
        => Assert.Contains("x-said: typed: 0 1 0 a/Type bytes\r\n", await AskAsync("typed"), StringComparison.Ordinal);

    [CompilerFact("gcc")]
    public async Task A_state_lives_as_long_as_the_stream_and_not_as_the_connection()
        => Assert.Contains("x-said: state: 0 1 0 1 0 value\r\n", await AskAsync("state"), StringComparison.Ordinal);

    [CompilerFact("gcc")]
    public async Task Every_object_is_destroyed_once_when_it_is_replaced_refused_or_its_stream_ends()
    {
        // A file of its own, so that the number is this test's alone.
        string module = BuiltModule.C("stream", "-DOBJECTS");
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, module, "objects");
        using var client = await RawClient.ConnectAsync(proxy.Port);
        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync(Get);
            Assert.Contains("x-said: objects: 1 1 0 0 1 0 1 1 0\r\n", await client.ReadResponseAsync(), StringComparison.Ordinal);
        }

        await Eventually.HoldsAsync(() => BuiltModule.Ask(module, "stream_live_objects") == 0);
    }

    [CompilerFact("gcc")]
    public async Task A_module_learns_when_what_happened()
        => Assert.Contains("x-said: timing: 1 1 1 0 0 -1 -1\r\n", await AskAsync("timing"), StringComparison.Ordinal);

    [CompilerFact("gcc")]
    public async Task A_module_learns_which_hosts_were_tried()
    {
        using var upstream = Mirror();
        const string Dead = "127.0.0.1:1";
        await using var proxy = await ModuleProxy.StartAsync([Dead, upstream.Address], [ModuleProxy.Entry(Module, "hosts")]);
        // Round robin: one of two requests meets the dead host first.
        string[] responses = [await proxy.SendAsync(Get), await proxy.SendAsync(Get)];
        Assert.All(responses, response => Assert.Matches($"x-said: hosts: ({Dead} )?{upstream.Address} {upstream.Address} 127\\.0\\.0\\.1:\\d+ 0 0 0\r\n", response));
        Assert.Contains(responses, response => response.Contains($"x-said: hosts: {Dead} ", StringComparison.Ordinal));
    }

    [CompilerFact("gcc")]
    public async Task What_went_wrong_is_told_in_Envoys_own_bits()
    {
        await using var proxy = await ModuleProxy.StartAsync("127.0.0.1:1", Module, "numbers");
        Assert.Contains("x-said: numbers: 502 32 - 1 \r\n", await proxy.SendAsync(Get), StringComparison.Ordinal);
        using var upstream = RawUpstream.Answering(Response("", "grpc-status: 5\r\n"));
        await using var grpc = await ModuleProxy.StartAsync(upstream.Address, Module, "numbers");
        Assert.Contains("x-said: numbers: 200 0 5 1 \r\n", await grpc.SendAsync(Get), StringComparison.Ordinal);
    }

    [CompilerFact("gcc")]
    public async Task Without_TLS_there_are_no_certificates()
        => Assert.Contains("x-said: tls: |||||||||||||||||0 1\r\n", await AskAsync("tls"), StringComparison.Ordinal);

    [CompilerFact("gcc")]
    public async Task Who_is_told_that_a_header_has_a_value_finds_it()
        => Assert.Contains("x-said: values: 1 example.test\r\n", await AskAsync("values"), StringComparison.Ordinal);

    [CompilerFact("gcc")]
    public async Task There_are_at_least_as_many_workers_as_a_worker_may_have_numbers()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync([upstream.Address], [ModuleProxy.Entry(Module, "workers")], loops: 5);
        Assert.Contains("x-said: workers: 1 1\r\n", await proxy.SendAsync(Get), StringComparison.Ordinal);
    }

    [CompilerFact("gcc")]
    public async Task Metrics_are_defined_with_the_configuration_and_not_later()
        => Assert.Contains("x-said: late-metric: 3 77\r\n", await AskAsync("late-metric"), StringComparison.Ordinal);

    [CompilerFact("gcc")]
    public async Task Labels_that_look_alike_are_one_series_and_names_are_what_Prometheus_takes()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, Module, "labels");
        _ = await proxy.SendAsync(Get);
        using var http = new HttpClient();
        string metrics = await http.GetStringAsync(new Uri($"http://{proxy.AdminEndPoint}/metrics"));
        Assert.Equal(
            ["outrider_module_1st_stream_total{a_label=\"a?b\"} 2", "outrider_module_1st_stream_total{a_label=\"\ufffd\"} 2"],
            metrics.Split('\n').Where(line => line.StartsWith("outrider_module_1st", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [CompilerFact("gcc")]
    public async Task Null_addresses_and_lengths_that_no_memory_has_are_refused()
        => Assert.Contains("x-said: nobody: still here\r\n", await AskAsync("nobody"), StringComparison.Ordinal);

    private static async Task<string> AskAsync(string filter)
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, Module, filter);
        return await proxy.SendAsync(Get);
    }
}
