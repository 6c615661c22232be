using Outrider.Tests.Envoy;
using Outrider.Tests.Harness;
using Outrider.Tests.Modules;
using Outrider.Tests.Tls;

namespace Outrider.Tests.Nginx;

/// <summary>Filters in nginx over TLS and HTTP/2, and messages that have no body, or an end of their own.</summary>
[Collection(NginxCollection.Name)]
public sealed class ProtocolTests(NginxModule modules)
{
    [NginxTheory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Over_TLS_filters_see_request_and_body_and_know_the_connection(string version)
    {
        using var lab = new TlsLab();
        using var upstream = new EchoUpstream();
        int port = FreePorts.Next();
        using var nginx = await StartAsync(
            $$"""
            listen 127.0.0.1:{{port}} ssl http2; ssl_certificate {{lab.Path("server.pem")}}; ssl_certificate_key {{lab.Path("server.key")}};
            location / { outrider_filter every upper; outrider_filter every wait; outrider_filter every headers; proxy_pass http://up; }
            location /tls { outrider_filter stream tls; proxy_pass http://up; }
            """,
            upstream);
        using var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = TlsClient.Anybody;
        using var client = new HttpClient(handler) { BaseAddress = new Uri($"https://localhost:{port}"), DefaultRequestVersion = Version.Parse(version), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var response = await client.PostAsync(new Uri("/", UriKind.Relative), new StringContent("hello"));
        string echo = await response.Content.ReadAsStringAsync();
        Assert.Equal(203, (int)response.StatusCode);
        Assert.EndsWith("\n\nHELLO", echo, StringComparison.Ordinal);
        Assert.Contains("x-waited: yes\n", echo, StringComparison.Ordinal);
        Assert.Contains($"/localhost:{port}\n", echo, StringComparison.Ordinal);

        using var tls = await client.GetAsync(new Uri("/tls", UriKind.Relative));
        Assert.StartsWith("tls: localhost|TLSv1.", tls.Headers.GetValues("x-said").Single(), StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\[(alert|crit|emerg)\]", nginx.Log);
    }

    [NginxTheory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_response_to_HEAD_passes_the_filters_and_has_no_body(string version)
    {
        using var upstream = new EchoUpstream();
        using var nginx = await StartAsync(
            """
            location / { outrider_filter every headers; outrider_filter every wait-response; outrider_filter every upper-response; proxy_pass http://up; }
            location /reply { outrider_filter every reply; }
            """,
            upstream);
        foreach (var (path, status) in new[] { ("/", 203), ("/reply", 401) })
        {
            using var request = Request(nginx, HttpMethod.Head, path, version);
            using var response = await nginx.Client.SendAsync(request);
            Assert.Equal((status, ""), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
            Assert.Equal(path == "/", response.Headers.Contains("x-waited"));
        }

        // The connection is good for another request.
        string two = await RawClient.ExchangeAsync(nginx.Port, "HEAD / HTTP/1.1\r\nhost: a\r\n\r\nHEAD /reply HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        Assert.Equal(3, two.Split("HTTP/1.1 ").Length);
        Assert.EndsWith("\r\n\r\n", two, StringComparison.Ordinal);
    }

    [NginxTheory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task An_answer_piece_by_piece_ends_with_its_trailers(string version)
    {
        using var nginx = await StartAsync("location / { outrider_filter every stream; }");
        using var request = Request(nginx, HttpMethod.Get, "/", version);
        request.Headers.TE.ParseAdd("trailers");
        using var response = await nginx.Client.SendAsync(request);
        Assert.Equal((202, "first second"), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal("of stream", response.TrailingHeaders.GetValues("x-end").Single());
    }

    [NginxTheory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Error_pages_pass_the_filters_of_their_request_once(string version)
    {
        using var upstream = new EchoUpstream();
        using var nginx = await StartAsync(
            """
            outrider_filter every headers;
            location /none { proxy_pass http://127.0.0.1:1; }
            location /page { error_page 502 = /shown; proxy_pass http://127.0.0.1:1; }
            location /shown { proxy_pass http://up; }
            location /reply { outrider_filter every reply; error_page 401 /shown; }
            location /late { outrider_filter every late-reply; proxy_pass http://up; }
            """,
            upstream);
        foreach (var (path, status) in new[] { ("/none", 203), ("/page", 203), ("/reply", 401), ("/late", 418) })
        {
            using var request = Request(nginx, HttpMethod.Get, path, version);
            using var response = await nginx.Client.SendAsync(request);
            string body = await response.Content.ReadAsStringAsync();
            Assert.Equal((path, status), (path, (int)response.StatusCode));
            if (path == "/none")
            {
                Assert.Equal("502", response.Headers.GetValues("x-status").Single());
                Assert.Contains("502 Bad Gateway", body, StringComparison.Ordinal);
            }

            if (path == "/page")
            {
                // It adds two; at a second time it would have seen its own.
                Assert.Matches("x-seen x-added x-added(?! x-added)", body);
            }
        }
    }

    private static HttpRequestMessage Request(NginxProcess nginx, HttpMethod method, string path, string version)
        => new(method, new Uri($"http://127.0.0.1:{(version == "2.0" ? nginx.Http2Port : nginx.Port)}{path}")) { Version = Version.Parse(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact };

    private Task<NginxProcess> StartAsync(string server, EchoUpstream? upstream = null)
        => NginxProcess.StartAsync(
            modules,
            $"outrider_module every {modules.Place(BuiltModule.Every)}; outrider_module stream {modules.Place(BuiltModule.C("stream"))}; upstream up {{ server 127.0.0.1:{upstream?.Port ?? 1}; }}",
            server);
}
