using System.Collections.Concurrent;
using System.Text.Json;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Envoy;

/// <summary>What a filter says of its stream's trace inside a stock Envoy, as a collector of Zipkin's format hears it.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class TracingTests(EnvoyModules modules)
{
    [EnvoyFact]
    public async Task A_filter_tags_its_stream_and_begins_spans_within_it()
    {
        var heard = new ConcurrentQueue<JsonElement>();
        using var collector = new EchoUpstream(async context =>
        {
            using var spans = await JsonDocument.ParseAsync(context.Request.InputStream);
            foreach (var span in spans.RootElement.EnumerateArray())
            {
                heard.Enqueue(span.Clone());
            }

            context.Response.StatusCode = 202;
            return true;
        });
        using var upstream = new EchoUpstream();
        string module = await modules.PublishAsync("tests/modules/test-filters");
        using var envoy = await EnvoyProcess.StartAsync(
            modules,
            upstream.Port,
            [EnvoyYaml.Filter(module, "span")],
            clusters: "  - " + EnvoyYaml.Cluster("zipkin", collector.Port) + "\n",
            more: "tracing: { provider: { name: z, typed_config: { \"@type\": type.googleapis.com/envoy.config.trace.v3.ZipkinConfig, collector_cluster: zipkin, collector_endpoint: /api/v2/spans, collector_endpoint_version: HTTP_JSON } } }");

        string echo = await envoy.GetAsync("/");
        string[] said = echo.Split('\n').Single(line => line.StartsWith("x-span: ", StringComparison.Ordinal))["x-span: ".Length..].Split(' ');
        // Envoy sends what it has after some seconds, or a few spans.
        await Eventually.HoldsAsync(() => heard.Count >= 4);

        JsonElement Find(string name) => heard.Single(span => span.GetProperty("name").GetString() == name);
        var own = Find("named by a filter");
        Assert.Equal("tagged", own.GetProperty("tags").GetProperty("outrider.test").GetString());
        Assert.Equal("still there", own.GetProperty("tags").GetProperty("outrider.after").GetString());
        Assert.Equal(own.GetProperty("traceId").GetString(), said[0]);
        Assert.Equal("True", said[2]);
        Assert.Equal("child", Find("work").GetProperty("tags").GetProperty("kind").GetString());
        Assert.Equal(own.GetProperty("id").GetString(), Find("work").GetProperty("parentId").GetString());
        Assert.Equal(Find("work").GetProperty("id").GetString(), Find("inner").GetProperty("parentId").GetString());
        Assert.Equal(own.GetProperty("id").GetString(), Find("forgotten").GetProperty("parentId").GetString());
    }

    [EnvoyFact]
    public async Task Where_nothing_is_traced_a_filter_goes_on_all_the_same()
    {
        using var upstream = new EchoUpstream();
        string module = await modules.PublishAsync("tests/modules/test-filters");
        using var envoy = await EnvoyProcess.StartAsync(modules, upstream.Port, [EnvoyYaml.Filter(module, "span")]);

        Assert.Contains("x-span: ", await envoy.GetAsync("/"), StringComparison.Ordinal);
    }
}
