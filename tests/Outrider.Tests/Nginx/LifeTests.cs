using System.Net;
using System.Text;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Envoy;
using Outrider.Tests.Harness;
using Outrider.Tests.Modules;

namespace Outrider.Tests.Nginx;

/// <summary>Requests that are still there when a worker ends, and those whose clients go away.</summary>
[Collection(NginxCollection.Name)]
public sealed class LifeTests(NginxModule modules)
{
    [NginxFact]
    public async Task A_suspended_request_ends_at_the_time_for_shutting_down()
    {
        using var upstream = new EchoUpstream();
        using var nginx = await NginxProcess.StartAsync(
            modules,
            $"outrider_module every {modules.Place(BuiltModule.Every)}; upstream up {{ server 127.0.0.1:{upstream.Port}; }}",
            "location / { outrider_filter every wait; proxy_pass http://up; }",
            main: "worker_shutdown_timeout 1s;");
        int old = Assert.Single(nginx.Workers());
        using var client = await RawClient.ConnectAsync(nginx.Port);
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\nx-delay: 600000\r\n\r\n");
        // The worker has it: one that came later was answered.
        Assert.Equal(200, (await nginx.AskAsync("/", ("x-delay", "1"))).Status);

        nginx.Reload();
        Assert.Equal("", await client.ReadToEndAsync());
        await Eventually.HoldsAsync(() => !Directory.Exists($"/proc/{old}"));
        Assert.Equal(200, (await nginx.AskAsync("/", ("x-delay", "1"))).Status);
        Assert.Equal(0, await nginx.StopAsync());
        Assert.DoesNotMatch(@"\[(alert|crit|emerg)\]|exited on signal", nginx.Log);
    }

    [NginxFact]
    public async Task A_request_that_waits_for_less_is_answered_by_the_worker_that_ends()
    {
        using var upstream = new EchoUpstream();
        using var nginx = await NginxProcess.StartAsync(
            modules,
            $"outrider_module every {modules.Place(BuiltModule.Every)}; upstream up {{ server 127.0.0.1:{upstream.Port}; }}",
            "location / { outrider_filter every wait; proxy_pass http://up; }",
            main: "worker_shutdown_timeout 20s;");
        int old = Assert.Single(nginx.Workers());
        using var client = await RawClient.ConnectAsync(nginx.Port);
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\nx-delay: 1500\r\nconnection: close\r\n\r\n");
        Assert.Equal(200, (await nginx.AskAsync("/", ("x-delay", "1"))).Status);

        nginx.Reload();
        await Eventually.HoldsAsync(() => nginx.Workers() is [int now] && now != old);
        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => !Directory.Exists($"/proc/{old}"));
    }

    [NginxFact]
    public async Task The_root_of_a_shared_NET_is_in_the_environment_of_modules_though_nginx_clears_it()
    {
        using var nginx = await NginxProcess.StartAsync(
            modules,
            $"outrider_dotnet_root /opt/some-dotnet; outrider_module environment {modules.Place(BuiltModule.C("environment"))};",
            "location / { outrider_filter environment DOTNET_ROOT; } location /first { outrider_filter environment OUTRIDER_TEST; } location /home { outrider_filter environment HOME; }",
            main: "env OUTRIDER_TEST=shown;");
        Assert.Equal((200, "/opt/some-dotnet /opt/some-dotnet"), await nginx.AskAsync("/"));
        Assert.Equal((200, "shown shown"), await nginx.AskAsync("/first"));
        Assert.Equal((200, "- -"), await nginx.AskAsync("/home"));
    }

    [NginxTheory]
    [InlineData("headers", "pieces", "upper-response")]
    [InlineData("wait", "upper", "wait-response")]
    [InlineData("wait-stop", "wait-body", "upper-response")]
    [InlineData("callout", "wait-reply", "headers")]
    [InlineData("stream", "headers", "pieces")]
    public async Task Aborting_clients_leave_no_filter_and_no_memory_behind(params string[] filters)
    {
        using var upstream = RawUpstream.Answering(Filters.FilterExchange.Response("some words"), remembers: false);
        string every = modules.Place(BuiltModule.Every);
        using var nginx = await NginxProcess.StartAsync(
            modules,
            $"outrider_module every {every}; outrider_module live {modules.Place(BuiltModule.C("live"))}; upstream up {{ server {upstream.Address}; }}",
            $$"""
            location / { {{string.Concat(filters.Select(filter => $"outrider_filter every {filter}; "))}} proxy_pass http://up; }
            location /live { outrider_filter live {{every}}; }
            """);
        int worker = Assert.Single(nginx.Workers());
        _ = await AbortingClients.RunAsync(nginx.Port, AbortingClients.Streams / 6);
        long last = await EndAsync(nginx);

        // What the allocator has given out and nobody gave back: connections and their pools are kept by nginx, as many as there were at once. That grows once
        // only, and what streams lose each time: so one round that adds little is enough.
        const long Most = 256 << 10;
        long grown = await Growth.LeastAsync(4, Most, async () =>
        {
            long before = last;
            _ = await AbortingClients.RunAsync(nginx.Port, AbortingClients.Streams / 3);
            last = await EndAsync(nginx);
            return last - before;
        });

        Assert.InRange(grown, long.MinValue, Most);
        Assert.Equal([worker], nginx.Workers());
        Assert.DoesNotMatch(@"\[(alert|crit|emerg)\]|exited on signal|open socket", nginx.Log);
    }

    /// <summary>Waits until no filter lives. The bytes that the worker's allocator has given out.</summary>
    private static async Task<long> EndAsync(NginxProcess nginx)
    {
        string[] counts = [];
        await StreamTests.EventuallyAsync(
            async () =>
            {
                counts = (await nginx.GetAsync("/live")).Split(' ');
                return counts[0];
            },
            "0");
        return long.Parse(counts[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
