using System.Net;
using System.Text;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Envoy;

/// <summary>The samples for Envoy, inside a stock Envoy.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class SampleTests(EnvoyModules modules)
{
    [EnvoyFact]
    public async Task The_token_sample_lets_a_request_pass_that_knows_the_secret()
    {
        string module = await modules.PublishAsync("samples/envoy-token");
        using var upstream = new EchoUpstream();
        using var envoy = await EnvoyProcess.StartAsync(modules, upstream.Port, [EnvoyYaml.Filter(module, "example-1", EnvoyYaml.Struct("{ secret: secret }"))]);

        using var without = await envoy.SendAsync("/");
        Assert.Equal(HttpStatusCode.Forbidden, without.StatusCode);
        Assert.Equal("missing token", await without.Content.ReadAsStringAsync());
        using var wrong = await envoy.SendAsync("/", ("token", "c64319d06364528120a9f96af62ea83e"));
        Assert.Equal(HttpStatusCode.Forbidden, wrong.StatusCode);
        Assert.Equal("invalid token", await wrong.Content.ReadAsStringAsync());
        using var right = await envoy.SendAsync("/", ("token", "c64319d06364528120a9f96af62ea83d"));
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
    }

    [EnvoyFact]
    public async Task The_basic_auth_sample_asks_for_a_password_and_a_route_asks_for_another()
    {
        string module = await modules.PublishAsync("samples/envoy-basic-auth");
        using var upstream = new EchoUpstream();
        string admin = EnvoyYaml.RouteFilter(module, "basic-auth", EnvoyYaml.Struct("{ username: admin, password: secret, realm: inner }"));
        string open = EnvoyYaml.RouteFilter(module, "basic-auth", EnvoyYaml.Struct("{ open: true }"));
        using var envoy = await EnvoyProcess.StartAsync(
            modules,
            upstream.Port,
            [EnvoyYaml.Filter(module, "basic-auth", EnvoyYaml.Struct("{ username: foo, password: bar }"))],
            $"{{ match: {{ prefix: \"/admin\" }}, route: {{ cluster: up }}, {admin} }}, {{ match: {{ prefix: \"/open\" }}, route: {{ cluster: up }}, {open} }}, {{ match: {{ prefix: \"/\" }}, route: {{ cluster: up }} }}");

        using var nobody = await envoy.SendAsync("/");
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
        Assert.Equal("Basic realm=\"outrider\"", nobody.Headers.WwwAuthenticate.Single().ToString());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(envoy, "/", "foo:bar"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(envoy, "/", "foo:baz"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(envoy, "/admin", "foo:bar"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(envoy, "/admin", "admin:secret"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(envoy, "/open", "x:y"));
    }

    [EnvoyFact]
    public async Task The_remote_basic_auth_sample_asks_a_service_and_one_worker_serves_thousands_meanwhile()
    {
        string module = await modules.PublishAsync("samples/envoy-remote-basic-auth");
        using var upstream = new EchoUpstream();
        TaskCompletionSource asked = new(), answer = new();
        using var checker = new EchoUpstream(async context =>
        {
            using var reader = new StreamReader(context.Request.InputStream);
            string question = await reader.ReadToEndAsync();
            if (question.Contains("slow", StringComparison.Ordinal))
            {
                asked.SetResult();
                await answer.Task;
            }

            context.Response.StatusCode = question is """{"username":"foo","password":"bar"}""" or """{"username":"slow","password":"bar"}""" ? 200 : 403;
            return true;
        });
        using var envoy = await EnvoyProcess.StartAsync(
            modules,
            upstream.Port,
            [EnvoyYaml.Filter(module, "remote-basic-auth", EnvoyYaml.Struct($"{{ check_url: \"http://127.0.0.1:{checker.Port}/check\", timeout_ms: 120000 }}"))]);

        Assert.Equal(HttpStatusCode.Unauthorized, (await envoy.SendAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(envoy, "/", "foo:baz"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(envoy, "/", "foo:bar"));

        var slow = StatusAsync(envoy, "/", "slow:bar");
        await asked.Task.SoonAsync();
        int served = 0;
        await Task.WhenAll(Enumerable.Range(0, 32).Select(async _ =>
        {
            while (Interlocked.Increment(ref served) <= 2000)
            {
                Assert.Equal(HttpStatusCode.Unauthorized, (await envoy.SendAsync("/")).StatusCode);
            }
        }));
        Assert.False(slow.IsCompleted);
        answer.SetResult();
        Assert.Equal(HttpStatusCode.OK, await slow);
    }

    [EnvoyFact]
    public async Task The_streaming_sample_rewrites_a_body_as_it_passes_in_constant_memory()
    {
        string module = await modules.PublishAsync("samples/envoy-streaming");
        using var upstream = new EchoUpstream(async context =>
        {
            context.Response.SendChunked = true;
            var output = context.Response.OutputStream;
            int count = int.Parse(context.Request.RawUrl![1..], null);
            for (int i = 0; i < count; i++)
            {
                // Each text is cut in two: half of it comes with the next piece.
                await output.WriteAsync(Encoding.ASCII.GetBytes((i > 0 ? "//there " : "") + new string('.', 60_000) + (i < count - 1 ? "http:" : "")));
                await output.FlushAsync();
            }

            return true;
        });
        using var envoy = await EnvoyProcess.StartAsync(modules, upstream.Port, [EnvoyYaml.Filter(module, "rewrite", EnvoyYaml.Struct("{ find: \"http://\", replace: \"https://\" }"))]);

        string small = await envoy.GetAsync("/4");
        Assert.Equal(3, small.Split("https://there ").Length - 1);
        Assert.DoesNotContain("http:", small.Replace("https:", "", StringComparison.Ordinal), StringComparison.Ordinal);

        // What it takes once it has; a body that were kept would take its 120 MB each time.
        long grown = await Growth.LeastAsync(3, 40_000, async () =>
        {
            long before = envoy.ResidentKilobytes();
            using var response = await envoy.Client.GetAsync(new Uri("/2000", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
            using var body = await response.Content.ReadAsStreamAsync();
            var buffer = new byte[1 << 20];
            long total = 0;
            for (int read; (read = await body.ReadAsync(buffer)) > 0;)
            {
                total += read;
            }

            Assert.Equal((2000 * 60_000L) + (1999 * "https://there ".Length), total);
            return envoy.ResidentKilobytes() - before;
        });

        Assert.InRange(grown, long.MinValue, 40_000);
    }

    [EnvoyFact]
    public async Task The_metadata_sample_chooses_the_version_of_the_service()
    {
        string module = await modules.PublishAsync("samples/envoy-metadata");
        using var first = new EchoUpstream(name: "v1");
        using var second = new EchoUpstream(name: "v2");
        string Endpoint(int port, string version)
            => $"{{ endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }} }}, metadata: {{ filter_metadata: {{ envoy.lb: {{ version: {version} }} }} }} }}";
        string cluster = "  - { name: versions, type: STATIC, connect_timeout: 1s, lb_subset_config: { fallback_policy: NO_FALLBACK, subset_selectors: [ { keys: [ version ] } ] }, "
            + $"load_assignment: {{ cluster_name: versions, endpoints: [ {{ lb_endpoints: [ {Endpoint(first.Port, "v1")}, {Endpoint(second.Port, "v2")} ] }} ] }} }}\n";
        using var envoy = await EnvoyProcess.StartAsync(
            modules,
            first.Port,
            [EnvoyYaml.Filter(module, "version", EnvoyYaml.Struct("{ header: x-version }"))],
            "{ match: { prefix: \"/\" }, route: { cluster: versions } }",
            clusters: cluster);

        for (int i = 0; i < 5; i++)
        {
            Assert.Equal("v1", await UpstreamAsync(envoy));
            Assert.Equal("v2", await UpstreamAsync(envoy, ("x-version", "v2")));
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await envoy.SendAsync("/", ("x-version", "v3"))).StatusCode);
    }

    private static async Task<string> UpstreamAsync(EnvoyProcess envoy, params (string, string)[] headers)
    {
        using var response = await envoy.SendAsync("/", headers);
        return response.Headers.GetValues("x-upstream").Single();
    }

    private static async Task<HttpStatusCode> StatusAsync(EnvoyProcess envoy, string path, string credentials)
    {
        using var response = await envoy.SendAsync(path, ("authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials))));
        return response.StatusCode;
    }
}
