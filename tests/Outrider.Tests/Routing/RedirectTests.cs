using Outrider.Proxy.Routing;
using static Outrider.Tests.Routing.RouterFixture;

namespace Outrider.Tests.Routing;

public class RedirectTests
{
    [Theory]
    [InlineData("""{"path_redirect": "/new"}""", "/old?q=1", "example.com:81", "http://example.com:81/new?q=1")]
    [InlineData("""{"host_redirect": "other.example:81"}""", "/old?q=1", "example.com", "http://other.example:81/old?q=1")]
    [InlineData("""{"scheme_redirect": "https"}""", "/a", "example.com:80", "https://example.com/a")]
    [InlineData("""{"scheme_redirect": "https"}""", "/a", "example.com:8080", "https://example.com:8080/a")]
    [InlineData("""{"scheme_redirect": "https"}""", "/a", "[::1]:80", "https://[::1]/a")]
    [InlineData("""{"scheme_redirect": "http"}""", "/a", "example.com:80", "http://example.com:80/a")]
    [InlineData("""{"scheme_redirect": "https", "host_redirect": "h:80", "path_redirect": "/p"}""", "/a?q", "example.com", "https://h/p?q")]
    [InlineData("""{"path_redirect": "new?x#y"}""", "/old", "example.com", "http://example.com/new%3Fx%23y")]
    [InlineData("""{"path_redirect": "/new"}""", "/old?q", "", "/new?q")]
    [InlineData("""{"scheme_redirect": "https"}""", "//evil.example/a", "", "/.//evil.example/a")]
    public void A_redirect_changes_what_it_names_and_keeps_the_query(string redirect, string target, string authority, string expected)
        => Assert.Equal(expected, Text(Route(redirect).BuildRedirectLocation(Request(target, authority), "http"u8)));

    [Fact]
    public void From_https_to_http_the_port_443_goes()
        => Assert.Equal("http://example.com/", Text(Route("""{"scheme_redirect": "http"}""").BuildRedirectLocation(Request("/", "example.com:443"), "https"u8)));

    [Theory]
    [InlineData("""{"path_redirect": "/"}""", 301)]
    [InlineData("""{"path_redirect": "/", "response_code": 308}""", 308)]
    public void A_redirect_has_its_status(string redirect, int status) => Assert.Equal(status, Route(redirect).Redirect!.Status);

    [Fact]
    public void A_direct_response_has_status_and_body()
    {
        Route route = Routes("""{"match": {"prefix": "/"}, "direct_response": {"status": 418, "body": "tea"}}""").Match(Request())!;

        Assert.Equal((418, "tea"), (route.DirectResponse!.Status, Text(route.DirectResponse.Body.Span)));
        Assert.Equal(0, route.TimeoutMilliseconds);
        Assert.Throws<InvalidOperationException>(() => route.BuildRedirectLocation(Request(), "http"u8));
    }

    private static Route Route(string redirect) => Routes($$"""{"match": {"prefix": "/"}, "redirect": {{redirect}}}""").Match(Request())!;
}
