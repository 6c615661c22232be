using System.Globalization;
using System.Net;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Envoy;

/// <summary>What a filter may ask of its stream inside a stock Envoy, beyond headers and bodies.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class WishesTests(EnvoyModules modules)
{
    [EnvoyFact]
    public async Task A_filter_chooses_the_host()
    {
        using var first = new EchoUpstream(name: "one");
        using var second = new EchoUpstream(name: "two");
        string Endpoint(int port) => $"{{ endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }} }} }}";
        string cluster = $"  - {{ name: two, type: STATIC, connect_timeout: 1s, load_assignment: {{ cluster_name: two, endpoints: [ {{ lb_endpoints: [ {Endpoint(first.Port)}, {Endpoint(second.Port)} ] }} ] }} }}\n";
        using var envoy = await StartAsync(first, "{ name: main, match: { prefix: \"/\" }, route: { cluster: two } }", cluster);
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal("one", await UpstreamAsync(envoy, $"127.0.0.1:{first.Port}"));
            Assert.Equal("two", await UpstreamAsync(envoy, $"127.0.0.1:{second.Port}"));
        }

        // A host that is not there: another one, or none.
        using var other = await envoy.SendAsync("/host", ("x-host", "127.0.0.1:1"));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        using var none = await envoy.SendAsync("/host", ("x-host", "127.0.0.1:1"), ("x-strict", "1"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, none.StatusCode);
        using var wrong = await envoy.SendAsync("/host", ("x-host", "one.example"));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains("'one.example' is no IP address", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [EnvoyFact]
    public async Task Timings_count_from_the_first_byte_of_the_request()
    {
        using var upstream = new EchoUpstream();
        using var envoy = await StartAsync(upstream);

        var before = DateTime.UtcNow;
        string echo = await envoy.GetAsync("/times");
        string start = echo.Split('\n').Single(line => line.StartsWith("x-start: ", StringComparison.Ordinal))["x-start: ".Length..];
        Assert.InRange(DateTime.Parse(start, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind).ToUniversalTime(), before.AddSeconds(-1), DateTime.UtcNow.AddSeconds(1));
        Assert.Contains("x-sent: 0\n", echo, StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => envoy.Log.Contains("times are in order: True", StringComparison.Ordinal));
    }

    [EnvoyFact]
    public async Task Flags_and_metadata_of_a_filter_are_in_the_access_log()
    {
        using var upstream = new EchoUpstream();
        using var envoy = await StartAsync(upstream, more: EnvoyYaml.AccessLog("log of %PATH%: %CUSTOM_FLAGS% %DYNAMIC_METADATA(wishes)%"));

        await envoy.GetAsync("/flags");
        await Eventually.HoldsAsync(() => envoy.Log.Contains("log of /flags: first,second -", StringComparison.Ordinal));
        string lists = await envoy.GetAsync("/lists");
        Assert.Equal(
            """
            list: text 2.5 True
            all: é 1 False null
            plain: q -1000
            no list: True True
            not added: InvalidOperationException: the metadata 'wishes', 'plain' is no list
            not merged: ArgumentException: metadata is a JSON object (Parameter 'values')
            """,
            lists.Trim());
        await Eventually.HoldsAsync(() => envoy.Log.Contains("log of /lists: ", StringComparison.Ordinal));
        string line = envoy.Log.Split('\n').Single(l => l.Contains("log of /lists", StringComparison.Ordinal));
        Assert.Contains("\"deep\":{\"a\":{\"b\":[\"c\"]}}", line, StringComparison.Ordinal);
        Assert.Contains("\"none\":null", line, StringComparison.Ordinal);
        Assert.Contains("\"list\":[\"text\",2.5,true]", line, StringComparison.Ordinal);
    }

    [EnvoyFact]
    public async Task A_filter_that_raises_the_limit_collects_more()
    {
        using var upstream = new EchoUpstream();
        using var envoy = await StartAsync(upstream);

        using var large = await envoy.SendAsync(HttpMethod.Post, "/limit", new ByteArrayContent(new byte[3_000_000]));
        Assert.Equal(HttpStatusCode.OK, large.StatusCode);
        Assert.Contains("x-limit: 1048576 4194304\n", await large.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var larger = await envoy.SendAsync(HttpMethod.Post, "/limit", new ByteArrayContent(new byte[6_000_000]));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, larger.StatusCode);
    }

    [EnvoyFact]
    public async Task An_object_that_Envoy_knows_is_set_from_its_bytes_and_reads_as_them()
    {
        using var upstream = new EchoUpstream();
        using var envoy = await StartAsync(upstream);

        Assert.Equal(
            """
            before: True
            after: a.example
            again: InvalidOperationException: the filter state 'envoy.network.upstream_server_name' is set already
            unknown: InvalidOperationException: this Envoy knows no object 'no.such.object', or cannot read it from these bytes
            """,
            (await envoy.GetAsync("/typed")).Trim());
    }

    private static async Task<string> UpstreamAsync(EnvoyProcess envoy, string host)
    {
        using var response = await envoy.SendAsync("/host", ("x-host", host), ("x-strict", "1"));
        return response.Headers.GetValues("x-upstream").Single();
    }

    private async Task<EnvoyProcess> StartAsync(EchoUpstream upstream, string? routes = null, string? clusters = null, string? more = null)
    {
        string module = await modules.PublishAsync("tests/modules/test-filters");
        return await EnvoyProcess.StartAsync(modules, upstream.Port, [EnvoyYaml.Filter(module, "wishes")], routes, clusters: clusters, more: more);
    }
}
