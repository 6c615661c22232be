using Outrider.Tests.Filters;

namespace Outrider.Tests.Envoy;

/// <summary>What a filter keeps of its stream reaches nothing after the stream's end, inside Envoy as in our proxy.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class SeveringTests(EnvoyModules modules)
{
    private const string TestFilters = "tests/modules/test-filters";

    [EnvoyFact]
    public async Task Whatever_was_kept_throws_while_the_next_client_is_served()
    {
        string module = await modules.PublishAsync(TestFilters);
        using var upstream = KeptParts.Upstream();
        using var envoy = await EnvoyProcess.StartAsync(modules, upstream.Port, [EnvoyYaml.Filter(module, "keep")]);
        foreach (var way in Enum.GetValues<Return>())
        {
            await KeptParts.TryAsync(envoy.Port, "/keep", way, "trailers.Set", "rest.Append", "response-trailers.Set", "response-rest.Append", "response-body.Append", "Callout.Write");
            await KeptParts.TryAsync(envoy.Port, "/keep-reply", way, "Writer", "Callout.Write");
        }

        Assert.False(envoy.HasExited, envoy.Log);
    }

    [EnvoyFact]
    public async Task A_response_s_head_that_has_gone_on_cannot_be_changed()
    {
        string module = await modules.PublishAsync(TestFilters);
        using var upstream = new EchoUpstream();
        using var envoy = await EnvoyProcess.StartAsync(modules, upstream.Port, [EnvoyYaml.Filter(module, "keep")]);

        Assert.StartsWith("InvalidOperationException", await envoy.GetAsync("/change"), StringComparison.Ordinal);
    }

    [EnvoyFact]
    public async Task The_streaming_sample_lets_go_of_what_it_kept_when_trailers_come()
    {
        string module = await modules.PublishAsync("samples/envoy-streaming");
        using var upstream = new Harness.RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 })
            {
                await connection.SendAsync("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\nhello \r\n8\r\ntrailers\r\n0\r\nx-t: 1\r\n\r\n");
            }
        });
        using var envoy = await EnvoyProcess.StartAsync(
            modules, upstream.Port, [EnvoyYaml.Filter(module, "rewrite", EnvoyYaml.Struct("{ find: \"trailersX\", replace: \"no\" }"))]);

        using var answer = await envoy.Client.GetAsync(new Uri("/", UriKind.Relative));

        Assert.Equal("hello trailers", await answer.Content.ReadAsStringAsync());
    }
}
