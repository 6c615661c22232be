using Outrider.Tests.Envoy;
using Outrider.Tests.Filters;

namespace Outrider.Tests.Nginx;

/// <summary>What a filter keeps of its stream reaches nothing after the stream's end, inside nginx as in our proxy.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class SeveringTests(EnvoyModules filters, NginxModule modules)
{
    [NginxFact]
    public async Task Whatever_was_kept_throws_while_the_next_client_is_served()
    {
        string module = modules.Place(Path.Combine(filters.Folder, $"lib{await filters.PublishAsync("tests/modules/test-filters")}.so"));
        using var upstream = KeptParts.Upstream();
        using var nginx = await NginxProcess.StartAsync(
            modules,
            $"outrider_module t {module}; upstream up {{ server 127.0.0.1:{upstream.Port}; }}",
            "location / { outrider_filter t keep; proxy_pass http://up; }");
        int worker = Assert.Single(nginx.Workers());
        foreach (var way in Enum.GetValues<Return>())
        {
            // nginx reads past trailers of requests, and past those of HTTP/1 upstreams.
            await KeptParts.TryAsync(nginx.Port, "/keep", way, "body.Append", "response.Set", "response-body.Append", "Callout.Write");
            await KeptParts.TryAsync(nginx.Port, "/keep-reply", way, "Writer", "Callout.Write");
        }

        Assert.Equal([worker], nginx.Workers());
    }
}
