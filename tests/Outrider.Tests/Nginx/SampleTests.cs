using System.Text.RegularExpressions;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Envoy;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Nginx;

/// <summary>The samples for nginx, as they are but for paths and ports.</summary>
[Collection(EnvoyCollection.Name)]
public sealed partial class SampleTests(EnvoyModules filters, NginxModule modules)
{
    [NginxFact]
    public async Task The_token_sample_lets_a_request_pass_that_knows_the_secret()
    {
        using var upstream = new EchoUpstream();
        using var nginx = await StartAsync("samples/nginx-token", "samples/envoy-token", ("127.0.0.1:9000", upstream.Port));

        Assert.Equal((403, "missing token"), await nginx.AskAsync("/"));
        Assert.Equal((403, "invalid token"), await nginx.AskAsync("/", ("token", "c64319d06364528120a9f96af62ea83e")));
        Assert.Equal(200, (await nginx.AskAsync("/", ("token", "c64319d06364528120a9f96af62ea83d"))).Status);
        Assert.Equal(200, (await nginx.AskAsync("/open")).Status);
    }

    [NginxFact]
    public async Task The_uid_sample_sends_a_request_to_the_site_of_its_user()
    {
        using var first = new EchoUpstream(name: "s1 from 3450");
        using var second = new EchoUpstream(name: "s1 from 3451");
        using var third = new EchoUpstream(name: "s2 from 3452");
        using var fourth = new EchoUpstream(name: "s3 from 3453");
        using var nginx = await StartAsync(
            "samples/nginx-uid-routing",
            "src/Outrider.StockFilters.Envoy",
            ("127.0.0.1:3450", first.Port),
            ("127.0.0.1:3451", second.Port),
            ("127.0.0.1:3452", third.Port),
            ("127.0.0.1:3453", fourth.Port));

        Assert.Equal(["s1 from 3450", "s1 from 3451", "s1 from 3450"], await SitesAsync(nginx, 3, ("uid", "2")));
        Assert.Equal(["s2 from 3452"], await SitesAsync(nginx, 1, ("uid", "200")));
        Assert.Equal(["s3 from 3453"], await SitesAsync(nginx, 1, ("uid", "201")));
        Assert.Equal(["s3 from 3453"], await SitesAsync(nginx, 1, ("uid", "-7")));
        Assert.Equal(4, (await SitesAsync(nginx, 4)).Distinct().Count());
        Assert.Equal(4, (await SitesAsync(nginx, 4, ("uid", "no number"))).Distinct().Count());
        Assert.Contains("no label of UNIT", nginx.Log, StringComparison.Ordinal);

        string request = await nginx.GetAsync("/", ("uid", "150"), ("x-mosn-on-envoy-unit", "s3"));
        Assert.Contains("x-mosn-on-envoy-unit: s2\n", request, StringComparison.Ordinal);
        Assert.DoesNotContain("x-mosn-on-envoy-unit", await nginx.GetAsync("/", ("x-mosn-on-envoy-unit", "s3")), StringComparison.Ordinal);
    }

    private static async Task<List<string>> SitesAsync(NginxProcess nginx, int count, params (string, string)[] headers)
    {
        var sites = new List<string>();
        for (int i = 0; i < count; i++)
        {
            using var response = await nginx.SendAsync("/", headers);
            sites.Add(response.Headers.GetValues("x-upstream").Single());
        }

        return sites;
    }

    /// <summary>The sample's own <c>http</c> block, around our server's address.</summary>
    private async Task<NginxProcess> StartAsync(string sample, string project, params (string Address, int Port)[] upstreams)
    {
        string name = await filters.PublishAsync(project);
        string library = modules.Place(Path.Combine(filters.Folder, $"lib{name}.so"));
        string text = File.ReadAllText(Path.Combine(SampleCopy.Root, sample, "nginx.conf"));
        text = Library().Replace(text, library).Replace("access_log off;", "", StringComparison.Ordinal);
        foreach (var (address, port) in upstreams)
        {
            text = text.Replace(address, $"127.0.0.1:{port}", StringComparison.Ordinal);
        }

        // Upstreams have "server" too, but no block of that name.
        int http = text.IndexOf("http {", StringComparison.Ordinal) + 6, server = text.IndexOf("server {", http, StringComparison.Ordinal);
        string inner = text[(server + 8)..text.LastIndexOf('}')];
        inner = Listen().Replace(inner[..inner.LastIndexOf('}')], "");
        return await NginxProcess.StartAsync(modules, text[http..server], inner);
    }

    [GeneratedRegex("/tmp/outrider-nginx/lib[a-z_]+\\.so")]
    private static partial Regex Library();

    [GeneratedRegex("listen [^;]+;")]
    private static partial Regex Listen();
}
