using Outrider.Tests.Envoy;
using Outrider.Tests.Modules;

namespace Outrider.Tests.Nginx;

/// <summary>Modules in other languages in nginx, and two runtimes in one worker.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class GuestTests(EnvoyModules filters, NginxModule modules)
{
    private const string GoMain = "worker_shutdown_timeout 5s; env GODEBUG=cgocheck=0;";

    [CompilerFact("rustc")]
    public async Task A_module_in_Rust_reads_sets_replaces_answers_and_comes_back_from_a_thread()
    {
        using var upstream = new EchoUpstream();
        using var nginx = await NginxProcess.StartAsync(
            modules,
            $"outrider_module rust {modules.Place(BuiltModule.Rust("every"))}; upstream up {{ server 127.0.0.1:{upstream.Port}; }}",
            """
            location /headers { outrider_filter rust headers; proxy_pass http://up; }
            location /reverse { outrider_filter rust reverse; proxy_pass http://up; }
            location /reply { outrider_filter rust reply; proxy_pass http://up; }
            location /wait { outrider_filter rust wait; proxy_pass http://up; }
            """);
        Assert.Contains("x-seen: rust saw iron\n", await nginx.GetAsync("/headers", ("x-in", "iron")), StringComparison.Ordinal);
        using var reversed = await nginx.SendAsync(HttpMethod.Post, "/reverse", new StringContent("hello"));
        Assert.EndsWith("\n\nolleh", await reversed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var reply = await nginx.SendAsync("/reply");
        Assert.Equal((403, "not today", "rust"), ((int)reply.StatusCode, await reply.Content.ReadAsStringAsync(), reply.Headers.GetValues("x-own").Single()));
        Assert.Contains("x-event: 42\n", await nginx.GetAsync("/wait"), StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\[(alert|crit|emerg)\]|exited on signal", nginx.Log);
    }

    [GoModuleFact]
    public async Task A_module_in_Go_runs_and_its_goroutines_come_back()
    {
        using var upstream = new EchoUpstream();
        using var nginx = await NginxProcess.StartAsync(
            modules,
            $"outrider_module go {modules.Place(GoModuleFactAttribute.File!)}; upstream up {{ server 127.0.0.1:{upstream.Port}; }}",
            "outrider_filter go auth x-auth; outrider_filter go delay; location / { proxy_pass http://up; }",
            workers: 2,
            main: GoMain);
        Assert.NotEqual(200, (await nginx.AskAsync("/")).Status);
        Assert.Equal(200, (await nginx.AskAsync("/", ("x-auth", "y"))).Status);
        var waiting = Enumerable.Range(0, 50).Select(_ => nginx.AskAsync("/", ("x-auth", "y"), ("do-delay", "1"))).ToList();
        Assert.All(await Task.WhenAll(waiting), answer => Assert.Equal(200, answer.Status));

        var before = nginx.Workers();
        nginx.Reload();
        await Harness.Eventually.HoldsAsync(() => nginx.Workers() is { Length: 2 } now && !now.Intersect(before).Any());
        Assert.Equal(200, (await nginx.AskAsync("/", ("x-auth", "y"))).Status);
        Assert.DoesNotMatch(@"\[(alert|crit|emerg)\]|exited on signal", nginx.Log);
    }

    [GoModuleFact]
    public async Task A_C_sharp_module_named_before_a_Go_module_lives_beside_it_through_collections()
    {
        string name = await filters.PublishAsync("tests/modules/test-filters");
        using var upstream = new EchoUpstream();
        using var nginx = await NginxProcess.StartAsync(
            modules,
            $"outrider_module cs {modules.Place(Path.Combine(filters.Folder, $"lib{name}.so"))}; outrider_module go {modules.Place(GoModuleFactAttribute.File!)}; "
                + $"upstream up {{ server 127.0.0.1:{upstream.Port}; }}",
            """
            outrider_filter cs life '{"version":"a","max_delay_ms":3,"collect":true}'; outrider_filter go delay;
            location / { proxy_pass http://up; }
            """,
            workers: 2,
            main: GoMain);
        var workers = nginx.Workers();
        Assert.Equal(2, workers.Length);
        Assert.True(await AbortingClients.RunAsync(nginx.Port, 2000) > 0, "no request was answered");
        Assert.Equal(workers.Order(), nginx.Workers().Order());
        Assert.DoesNotMatch(@"\[(alert|crit|emerg)\]|exited on signal", nginx.Log);
    }
}
