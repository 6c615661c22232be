using System.Text.RegularExpressions;
using Outrider.Tests.Envoy;
using Outrider.Tests.Modules;

namespace Outrider.Tests.Nginx;

/// <summary>Where filters stand among nginx's own directives, and that none of those leads past them.</summary>
[Collection(NginxCollection.Name)]
public sealed partial class LocationTests(NginxModule modules)
{
    [NginxFact]
    public async Task Nothing_of_a_location_comes_before_its_filters()
    {
        using var nginx = await StartAsync("""
            location /return { outrider_filter every reply; return 200 round; }
            location /rewrite { outrider_filter every reply; rewrite ^ /open last; }
            location /break { outrider_filter every reply; rewrite ^ /open break; return 200 round; }
            location /if { outrider_filter every reply; if ($request_method = GET) { return 200 round; } }
            location /redirect { outrider_filter every reply; return 301 /open; }
            location /try { outrider_filter every reply; try_files /nothing /open; }
            location /deny { outrider_filter every reply; deny all; }
            location /open { return 200 open; }
            location /to { rewrite ^ /return last; }
            location /error { error_page 404 = @named; return 404; }
            location @named { outrider_filter every reply; return 200 round; }
            location /files { try_files /nothing /return; }
            location /mix { outrider_filter every off; rewrite ^ /return last; }
            """);
        foreach (string path in new[] { "/return", "/rewrite", "/break", "/if", "/redirect", "/try", "/deny", "/to", "/error", "/files", "/mix" })
        {
            Assert.Equal((path, (401, "go away")), (path, await nginx.AskAsync(path)));
        }

        Assert.Equal((200, "open"), await nginx.AskAsync("/open"));
    }

    [NginxFact]
    public async Task A_filter_survives_internal_redirects_and_runs_once()
    {
        using var upstream = new EchoUpstream();
        using var nginx = await StartAsync(
            """
            outrider_filter every headers;
            location /direct { proxy_pass http://up; }
            location /rewritten { rewrite ^ /direct last; }
            location /tried { try_files /nothing @named; }
            location /failed { error_page 404 = /direct; return 404; }
            location @named { proxy_pass http://up; }
            """,
            upstream);
        foreach (string path in new[] { "/direct", "/rewritten", "/tried", "/failed" })
        {
            using var response = await nginx.SendAsync(path);
            string request = await response.Content.ReadAsStringAsync();
            Assert.Equal(203, (int)response.StatusCode);
            Assert.Equal(path + " 200", path + " " + response.Headers.GetValues("x-status").Single());
            // It adds two; at a second time it would have seen its own.
            Assert.Equal("x-seen x-added x-added", Names().Match(request).Value);
        }
    }

    [NginxFact]
    public async Task A_block_inherits_replaces_and_turns_off_as_directives_do()
    {
        using var upstream = new EchoUpstream();
        using var nginx = await StartAsync(
            """
            outrider_filter every config outer; outrider_filter other attributes;
            location /inherited { proxy_pass http://up; }
            location /replaced { outrider_filter every config inner; proxy_pass http://up; }
            location /less { outrider_filter every off; proxy_pass http://up; }
            location /none { outrider_filter off; proxy_pass http://up; }
            """,
            upstream);
        string inherited = await nginx.GetAsync("/inherited"), replaced = await nginx.GetAsync("/replaced"), less = await nginx.GetAsync("/less"), none = await nginx.GetAsync("/none");
        Assert.Contains("x-config: outer\n", inherited, StringComparison.Ordinal);
        Assert.Contains("x-attributes: GET ", inherited, StringComparison.Ordinal);
        Assert.Contains("x-config: inner\n", replaced, StringComparison.Ordinal);
        Assert.DoesNotContain("x-attributes", replaced, StringComparison.Ordinal);
        Assert.DoesNotContain("x-config", less, StringComparison.Ordinal);
        Assert.Contains("x-attributes: GET ", less, StringComparison.Ordinal);
        Assert.DoesNotContain("x-config", none, StringComparison.Ordinal);
        Assert.DoesNotContain("x-attributes", none, StringComparison.Ordinal);
    }

    [NginxFact]
    public async Task A_cleared_route_finds_the_location_again_and_a_kept_one_does_not()
    {
        using var upstream = new EchoUpstream();
        using var nginx = await StartAsync(
            """
            location /cleared { outrider_filter every route; proxy_pass http://up; }
            location /kept { outrider_filter every keep-route; proxy_pass http://up; }
            location /other { return 200 other; }
            """,
            upstream);
        Assert.Equal((200, "other"), await nginx.AskAsync("/cleared"));
        Assert.StartsWith("GET /other\n", await nginx.GetAsync("/kept"), StringComparison.Ordinal);
    }

    [GeneratedRegex("x-seen( x-added)+", RegexOptions.ExplicitCapture)]
    private static partial Regex Names();

    private async Task<NginxProcess> StartAsync(string server, EchoUpstream? upstream = null)
    {
        string every = modules.Place(BuiltModule.Every);
        return await NginxProcess.StartAsync(
            modules,
            $"outrider_module every {every}; outrider_module other {every}; upstream up {{ server 127.0.0.1:{upstream?.Port ?? 1}; }}",
            server);
    }
}
