using System.Text;
using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Proxy.FilterChains;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Http;

/// <summary>A filter cannot make a message what the codec would refuse from a peer.</summary>
public sealed class FilterInjectionTests
{
    [Theory]
    [InlineData("x", "a\r\nset-cookie: b")]
    [InlineData("x", "a\nb")]
    [InlineData("x", "a\rb")]
    [InlineData("x", "a\0b")]
    [InlineData("x", "\u007f")]
    [InlineData("x\r\ny", "a")]
    [InlineData("x:", "a")]
    [InlineData("x ", "a")]
    [InlineData("", "a")]
    [InlineData("transfer-encoding", "chunked")]
    [InlineData("Connection", "close")]
    [InlineData("upgrade", "h2c")]
    [InlineData("content-length", "+5")]
    [InlineData("content-length", "-5")]
    [InlineData("content-length", "5, 5")]
    [InlineData("content-length", "")]
    public void A_field_that_would_break_a_head_is_refused(string name, string value)
    {
        var request = new RequestHead();
        var response = new ResponseHead { Status = 200 };
        HeaderMap[] maps = [new NativeRequestHeaders(request), new NativeResponseHeaders(response), new NativeTrailers(new HeaderBlock())];
        foreach (var map in maps)
        {
            Assert.Throws<ArgumentException>(() => map.Set(name, value));
            Assert.Throws<ArgumentException>(() => map.Append(name, value));
            Assert.Equal(0, map.Count);
        }

        Assert.Throws<ArgumentException>(() => new LocalReply(200).With(name, value));
    }

    [Theory]
    [InlineData("content-length")]
    [InlineData("Host")]
    [InlineData("trailer")]
    public void A_trailer_that_says_where_a_message_ends_or_goes_is_refused(string name)
        => Assert.Throws<ArgumentException>(() => new NativeTrailers(new HeaderBlock()).Set(name, "3"));

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("/a b")]
    [InlineData("/ HTTP/1.1\r\nx: y")]
    [InlineData("/a#b")]
    [InlineData("/\0")]
    public void A_path_that_would_break_a_request_line_is_refused(string path)
    {
        var headers = new NativeRequestHeaders(new RequestHead());
        Assert.Throws<ArgumentException>(() => headers.Path = Encoding.Latin1.GetBytes(path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("GE T")]
    [InlineData("GET / HTTP/1.1\r\n")]
    public void A_method_that_is_not_a_token_is_refused(string method)
    {
        var headers = new NativeRequestHeaders(new RequestHead());
        Assert.Throws<ArgumentException>(() => headers.Method = Encoding.Latin1.GetBytes(method));
    }

    [Theory]
    [InlineData("a\r\nx: y")]
    [InlineData("a b")]
    [InlineData("u@a")]
    [InlineData("")]
    [InlineData("a:b")]
    [InlineData("a:1:2")]
    [InlineData("a:99999")]
    [InlineData("[::1")]
    [InlineData("[zz]")]
    [InlineData("a%zz")]
    [InlineData("a,b/c")]
    [InlineData("\u00e4")]
    public void An_authority_that_is_none_is_refused(string authority)
    {
        var headers = new NativeRequestHeaders(new RequestHead());
        Assert.Throws<ArgumentException>(() => headers.Authority = Encoding.Latin1.GetBytes(authority));
        Assert.Throws<ArgumentException>(() => headers.Set("host", authority));
    }

    [Theory]
    [InlineData("/a[1]")]
    [InlineData("/a|b")]
    [InlineData("/100%")]
    [InlineData("/%zz")]
    [InlineData("/\u00e4")]
    [InlineData("/a\"b")]
    public async Task What_strict_target_refuses_of_clients_it_refuses_of_filters(string target)
    {
        var script = new Script
        {
            DecodeHeaders = (_, headers, _) =>
            {
                headers.Path = Encoding.Latin1.GetBytes(target);
                return FilterAction.Continue;
            },
        };
        foreach (bool strict in new[] { true, false })
        {
            using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
            await using var proxy = await TestProxy.StartAsync([upstream.Address], [script], extendConfig: strict ? "\"strict_target\": true" : "");
            string answer = await RawClient.ExchangeAsync(proxy.Port, "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

            Assert.StartsWith(strict ? "HTTP/1.1 500 " : "HTTP/1.1 200 ", answer, StringComparison.Ordinal);
            Assert.Equal(strict ? "" : $"GET {target} HTTP/1.1", upstream.Received.Split('\r')[0]);
            Assert.Equal(strict, proxy.Log.Contains("strict_target", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_strict_listener_lets_filters_write_what_RFC_3986_allows()
    {
        var headers = new NativeRequestHeaders(new RequestHead(), isStrict: true) { Method = "OPTIONS"u8, Path = "*"u8 };
        headers.Path = "/a/b;c=d/%E9?x=%5B1%5D&y=!"u8;
        Assert.Equal("/a/b;c=d/%E9?x=%5B1%5D&y=!", headers.PathString);
    }

    [Fact]
    public async Task A_filter_that_tries_fails_its_stream_and_sends_nothing_on()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [new StreamFilterFactory<Injector>(() => new Injector())]);
        string answer = await RawClient.ExchangeAsync(proxy.Port, "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 500 ", answer, StringComparison.Ordinal);
        Assert.Equal("", upstream.Received);
        Assert.Contains(nameof(ArgumentException), proxy.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "HEAD")]
    [InlineData("HEAD", "GET")]
    public async Task A_filter_that_changes_the_method_does_not_change_what_the_client_waits_for(string sent, string forwarded)
    {
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 } request)
            {
                await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n" + (request.StartsWith("HEAD", StringComparison.Ordinal) ? "" : "hello"));
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [new StreamFilterFactory<MethodChanger>(() => new MethodChanger(forwarded))]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync($"{sent} /a HTTP/1.1\r\nHost: a\r\n\r\n");
            string answer = await client.ReadUntilAsync(text => text.EndsWith("\r\n\r\n", StringComparison.Ordinal));
            Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
            Assert.Contains(sent == "HEAD" ? "content-length: 5\r\n" : "content-length: 0\r\n", answer, StringComparison.Ordinal);
        }

        Assert.Equal(3, upstream.Received.Split(forwarded + " /a").Length - 1);
    }

    private sealed class Injector : StreamFilter
    {
        public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
        {
            headers.Set("x", "a\r\ny: b");
            return FilterAction.Continue;
        }
    }

    private sealed class MethodChanger(string method) : StreamFilter
    {
        public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
        {
            headers.Method = Encoding.ASCII.GetBytes(method);
            return FilterAction.Continue;
        }
    }
}
