using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Outrider.Tests.Envoy;
using Outrider.Tests.Harness;
using Outrider.Tests.Modules;

namespace Outrider.Tests.Nginx;

/// <summary>Bodies of responses through a module in nginx, wherever nginx has them from and however it sends them.</summary>
[Collection(NginxCollection.Name)]
public sealed class BodyTests(NginxModule modules)
{
    private static readonly string s_large = string.Concat(Enumerable.Range(0, 60_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"line {i}\n")));

    [NginxTheory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_response_is_whole_and_in_order_from_everywhere(string version)
    {
        using var upstream = new EchoUpstream(async context =>
        {
            byte[] body = Encoding.ASCII.GetBytes(s_large);
            if (context.Request.RawUrl!.Contains("chunked", StringComparison.Ordinal))
            {
                context.Response.SendChunked = true;
            }
            else
            {
                context.Response.ContentLength64 = body.Length;
            }

            await context.Response.OutputStream.WriteAsync(body);
            return true;
        });
        using var nginx = await StartAsync(
            """
            outrider_filter every upper-response; outrider_buffer_size 2m;
            location / { proxy_pass http://up; }
            location /unbuffered { proxy_buffering off; proxy_pass http://up; }
            location /file { proxy_buffers 4 4k; proxy_busy_buffers_size 8k; proxy_buffer_size 4k; proxy_pass http://up; }
            location /cached { proxy_cache c; proxy_cache_valid 200 1h; add_header x-cache $upstream_cache_status; proxy_pass http://up; }
            location /static { try_files /large.txt =404; }
            location /gzip { gzip on; gzip_types *; gzip_min_length 1; proxy_pass http://up; }
            location /slow { limit_rate 4m; proxy_pass http://up; }
            """,
            upstream,
            "proxy_cache_path {0}/cache keys_zone=c:1m;");
        await File.WriteAllTextAsync(Path.Combine(nginx.Folder, "large.txt"), s_large);
        using var client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All, UseProxy = false })
        {
            DefaultRequestVersion = Version.Parse(version),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            BaseAddress = new Uri($"http://127.0.0.1:{(version == "2.0" ? nginx.Http2Port : nginx.Port)}"),
        };
        string expected = s_large.ToUpperInvariant();
        foreach (string path in new[] { "/length", "/chunked", "/unbuffered", "/unbuffered-chunked", "/file", "/file-chunked", "/cached", "/cached", "/static", "/gzip", "/slow" })
        {
            using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
            string body = await response.Content.ReadAsStringAsync();
            Assert.True(body == expected, $"{path}: {response.StatusCode}, {body.Length} of {expected.Length}");
        }

        using (var cached = await client.GetAsync(new Uri("/cached", UriKind.Relative)))
        {
            Assert.Equal("HIT", cached.Headers.GetValues("x-cache").Single());
        }

        // A filter that keeps the head to change the body has the whole of it: no ranges.
        using var request = new HttpRequestMessage(HttpMethod.Get, "/static") { Version = Version.Parse(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact, Headers = { Range = new RangeHeaderValue(0, 9) } };
        using var ranged = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, ranged.StatusCode);
        Assert.Equal(expected, await ranged.Content.ReadAsStringAsync());
        Assert.DoesNotMatch(@"\[(alert|crit|emerg)\]", nginx.Log);
    }

    [NginxFact]
    public async Task A_filter_that_changes_nothing_leaves_ranges_and_conditions_to_nginx()
    {
        using var nginx = await StartAsync("outrider_filter every config x; location /static { try_files /large.txt =404; }");
        await File.WriteAllTextAsync(Path.Combine(nginx.Folder, "large.txt"), s_large);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/static") { Headers = { Range = new RangeHeaderValue(5, 9) } };
        using var ranged = await nginx.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, ranged.StatusCode);
        Assert.Equal(s_large[5..10], await ranged.Content.ReadAsStringAsync());

        using var condition = new HttpRequestMessage(HttpMethod.Get, "/static") { Headers = { IfNoneMatch = { ranged.Headers.ETag! } } };
        using var same = await nginx.Client.SendAsync(condition);
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
    }

    [NginxFact]
    public async Task Subrequests_pass_no_filters_and_callouts_show_nothing_to_the_client()
    {
        using var upstream = new EchoUpstream();
        using var nginx = await StartAsync(
            """
            outrider_filter every headers;
            location /asking { auth_request /may; proxy_pass http://up; }
            location /may { proxy_pass http://up; proxy_pass_request_body off; proxy_set_header Content-Length ""; }
            location /callout { outrider_filter every callout; return 200 after; }
            """,
            upstream);
        using var response = await nginx.SendAsync("/asking");
        Assert.Equal(203, (int)response.StatusCode);
        Assert.Equal("200", response.Headers.GetValues("x-status").Single());
        Assert.Equal(2, upstream.Count);

        Assert.Equal((200, "after"), await nginx.AskAsync("/callout"));
        Assert.Equal(3, upstream.Count);
        Assert.DoesNotMatch(@"\[(alert|crit|emerg)\]", nginx.Log);
    }

    [NginxFact]
    public async Task An_upgrade_passes_the_filters_and_becomes_a_tunnel()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\nhello from upstream");
        });
        using var nginx = await NginxProcess.StartAsync(
            modules,
            $"outrider_module every {modules.Place(BuiltModule.Every)}; upstream up {{ server {upstream.Address}; }}",
            """location / { outrider_filter every config x; proxy_pass http://up; proxy_set_header Connection upgrade; proxy_set_header Upgrade $http_upgrade; }""");
        using var client = await RawClient.ConnectAsync(nginx.Port);
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n");
        string answer = await client.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 101 ", answer, StringComparison.Ordinal);
        Assert.EndsWith("hello from upstream", answer, StringComparison.Ordinal);
    }

    [NginxFact]
    public async Task Reloads_under_load_lose_no_request()
    {
        using var upstream = new EchoUpstream();
        string http = $"outrider_module every {modules.Place(BuiltModule.Every)}; upstream up {{ server 127.0.0.1:{upstream.Port}; }}";
        const string Server = "location / { outrider_filter every wait-stop; outrider_filter every upper; proxy_pass http://up; }";
        using var nginx = await NginxProcess.StartAsync(modules, http, Server, workers: 2);
        using var done = new CancellationTokenSource();
        int served = 0;
        var clients = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                string answer = await RawClient.ExchangeAsync(nginx.Port, "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello");
                Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
                Assert.EndsWith("HELLO", answer, StringComparison.Ordinal);
                Interlocked.Increment(ref served);
            }
        })).ToList();
        for (int i = 0; i < 100; i++)
        {
            var before = nginx.Workers();
            nginx.Reload();
            await Eventually.HoldsAsync(() => nginx.Workers() is { Length: >= 2 } now && !now.Intersect(before).Any());
        }

        await done.CancelAsync();
        await Task.WhenAll(clients);
        Assert.True(served > 20, $"{served} were served");
        Assert.DoesNotMatch(@"\[(alert|crit|emerg)\]|exited on signal", nginx.Log);
    }

    private Task<NginxProcess> StartAsync(string server, EchoUpstream? upstream = null, string http = "")
        => NginxProcess.StartAsync(
            modules,
            $"outrider_module every {modules.Place(BuiltModule.Every)}; upstream up {{ server 127.0.0.1:{upstream?.Port ?? 1}; }} "
                + http.Replace("{0}", Directory.CreateDirectory(Path.Combine(modules.Folder, "cache-" + Guid.NewGuid().ToString("N")[..8])).FullName, StringComparison.Ordinal),
            server);
}
