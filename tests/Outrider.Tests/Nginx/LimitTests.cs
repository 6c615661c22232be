using Outrider.Tests.Envoy;
using Outrider.Tests.Harness;
using Outrider.Tests.Modules;

namespace Outrider.Tests.Nginx;

/// <summary>What nginx cannot do is a line of its log when a module first asks for it, and the request goes on: the table of docs/nginx.md.</summary>
[Collection(NginxCollection.Name)]
public sealed class LimitTests(NginxModule modules)
{
    private static readonly (string Filter, string Said)[] s_limits =
    [
        ("request-trailers", "a module called for trailers of a request: nginx reads past them; the answer is no"),
        ("response-trailers", "a module called for trailers of a response: there are those of grpc_pass, and those of an answer of a module's own; the answer is no"),
        ("host", "a module called http_set_upstream_override_host: nginx's balancers choose among their own"),
        ("callout-data", "a module called http_stream_send_data without an end: nginx sends a request when it is whole"),
        ("callout-trailers", "a module called http_stream_send_trailers: a callout's request has a length and no trailers"),
        ("config-callout", "a module called http_filter_config_http_callout: a callout is a subrequest"),
        ("span", "a module called http_get_active_span: there is no tracing"),
        ("secret", "a module called http_filter_get_generic_secret: there is no SDS"),
        ("runtime", "a module called get_runtime_int: no value changes while nginx runs"),
        ("socket", "a module called http_set_socket_option_int: a connection is nginx's"),
        ("recreate", "a module called http_filter_recreate_stream: a request is not begun anew"),
        ("state", "a module called for state of a connection: filter state lives as long as its request"),
        ("metadata", "a module called for metadata of a route, a cluster or a host: those of nginx have none"),
        ("certificate", "a module called for an attribute of certificates: the client's subject is all that is told"),
        ("connection-id", "a module called http_get_upstream_connection_id: a connection to an upstream has no number"),
    ];

    [NginxFact]
    public async Task What_nginx_cannot_do_is_told_in_its_log_once()
    {
        using var upstream = new EchoUpstream();
        using var nginx = await NginxProcess.StartAsync(
            modules,
            $"outrider_module limits {modules.Place(BuiltModule.C("limits"))}; upstream up {{ server 127.0.0.1:{upstream.Port}; }}",
            string.Concat(s_limits.Select(limit => $"location /{limit.Filter} {{ outrider_filter limits {limit.Filter}; return 200 passed; }}\n")));
        foreach (var (filter, said) in s_limits)
        {
            for (int i = 0; i < 2; i++)
            {
                Assert.Equal((filter, 200, "passed"), (filter, (await nginx.AskAsync("/" + filter)).Status, await nginx.GetAsync("/" + filter)));
            }

            // A configuration is tried when nginx starts, too, and told on its screen.
            int times = nginx.Log.Split(said).Length - 1;
            Assert.True(filter == "config-callout" ? times is >= 1 and <= 3 : times == 1, $"{filter}: {times}\n{nginx.Log}");
        }

        Assert.DoesNotMatch(@"\[(alert|crit|emerg)\]|exited on signal", nginx.Log);
    }

    [NginxFact]
    public async Task A_filter_that_waits_over_a_101_has_its_request_answered_with_502()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\nhello");
        });
        using var nginx = await NginxProcess.StartAsync(
            modules,
            $"outrider_module every {modules.Place(BuiltModule.Every)}; upstream up {{ server {upstream.Address}; }}",
            "location / { outrider_filter every wait-response; proxy_pass http://up; proxy_set_header Connection upgrade; proxy_set_header Upgrade $http_upgrade; }");
        using var client = await RawClient.ConnectAsync(nginx.Port);
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 502 ", await client.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.Contains("a filter waits over a 101 response, which nginx cannot: what follows it is a tunnel", nginx.Log, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\[(alert|crit|emerg)\]|exited on signal", nginx.Log);
    }
}
