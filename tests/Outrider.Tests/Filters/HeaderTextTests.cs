using System.Text;
using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Plugins.Agent;
using Outrider.Proxy.FilterChains;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Filters;

/// <summary>What is read of a header as text goes out as it came, and what could not be sent is refused where it is written.</summary>
public sealed class HeaderTextTests
{
    [Fact]
    public void Text_is_written_as_it_is_read()
    {
        var map = new NativeTrailers(new HeaderBlock());
        map.Append("x"u8, [0xe9, 0xc3, 0xa9]);
        string read = map.GetString("x")!;

        map.Set("y", read);
        map.Append("z", read);

        Assert.True(map.Has("y"u8, [0xe9, 0xc3, 0xa9]));
        Assert.True(map.Has("z"u8, [0xe9, 0xc3, 0xa9]));
        Assert.Null(map.GetString("\u0178"));
        Assert.False(map.Remove("\u0178"));
    }

    [Theory]
    [InlineData("\u20ac")]
    [InlineData("a\u0100")]
    [InlineData("\ud83d\ude00")]
    public void Text_that_no_byte_stands_for_is_refused(string value)
    {
        var map = new NativeTrailers(new HeaderBlock());
        Assert.Throws<ArgumentException>(() => map.Set("x", value));
        Assert.Throws<ArgumentException>(() => map.Append("x", value));
        Assert.Throws<ArgumentException>(() => new LocalReply(200).With("x", value));
        Assert.Throws<ArgumentException>(() => new StreamedReply(200, _ => Task.CompletedTask).With("x", value));
        Assert.Throws<ArgumentException>(() => new Callout("c", "GET", "/").With("x", value));
        Assert.Equal(0, map.Count);
        map.Set("x"u8, Encoding.UTF8.GetBytes(value));
        Assert.Equal(1, map.Count);
    }

    [Theory]
    [InlineData("Connection")]
    [InlineData("Keep-Alive")]
    [InlineData("proxy-connection")]
    [InlineData("te")]
    [InlineData("transfer-encoding")]
    [InlineData("upgrade")]
    [InlineData("HTTP2-Settings")]
    [InlineData("content-length")]
    [InlineData("x y")]
    public void A_reply_refuses_what_a_header_map_refuses(string name)
    {
        Assert.Throws<ArgumentException>(() => new LocalReply(200).With(name, "x"));
        Assert.Throws<ArgumentException>(() => new StreamedReply(200, _ => Task.CompletedTask).With(name, "x"));
        Assert.Throws<ArgumentException>(() => new NativeResponseHeaders(new ResponseHead { Status = 200 }).Set(name, "x"));
    }

    [Theory]
    [InlineData("CONNECT", "/")]
    [InlineData("GET", "*")]
    [InlineData("", "/")]
    [InlineData("a b", "/")]
    [InlineData("GET", "")]
    [InlineData("GET", "a")]
    [InlineData("GET", "/a b")]
    [InlineData("GET", "/a#b")]
    [InlineData("GET", "http://a/")]
    [InlineData("GET", "/\t")]
    public void A_first_line_that_no_client_could_send_is_refused(string method, string path)
        => Assert.Throws<ArgumentException>(() =>
        {
            var head = new RequestHead();
            head.Clear();
            head.SetMethod("GET"u8);
            head.SetTarget("/"u8);
            var headers = new NativeRequestHeaders(head);
            headers.Method = Encoding.Latin1.GetBytes(method);
            headers.Path = Encoding.Latin1.GetBytes(path);
        });

    [Fact]
    public void An_asterisk_goes_with_OPTIONS_alone()
    {
        var head = new RequestHead();
        head.Clear();
        head.SetMethod("OPTIONS"u8);
        head.SetTarget("/"u8);
        var headers = new NativeRequestHeaders(head) { Path = "*"u8 };
        Assert.Throws<ArgumentException>(() => headers.Method = "GET"u8);
        headers.Path = "/x"u8;
        headers.Method = "GET"u8;
        Assert.Equal("GET", headers.MethodString);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    public async Task A_reply_without_a_body_has_no_type(int status)
    {
        var script = new Script { DecodeHeaders = (_, _, _) => FilterAction.Reply(status, "text") };
        await using var proxy = await TestProxy.StartAsync(["127.0.0.1:1"], [script]);

        string response = await proxy.SendAsync(Get);

        Assert.Equal(status, StatusOf(response));
        Assert.DoesNotContain("content-type", response, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_redirects_and_a_replys_bytes_are_one_for_each_character()
    {
        var script = new Script { DecodeHeaders = (_, _, _) => FilterAction.Reply(new LocalReply(302).With("location", "/\u00e9")) };
        await using var proxy = await TestProxy.StartAsync(["127.0.0.1:1"], [script]);

        Assert.Contains("location: /\u00e9\r\n", await proxy.SendAsync(Get), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_sees_cookies_as_one_and_can_set_two()
    {
        var plugin = new Cookies();
        var agent = new StreamFilterFactory<AgentFilter>(() => new AgentFilter(new AgentConfig(), plugin, new AgentFailures()));
        await using var proxy = await TestProxy.StartAsync(["127.0.0.1:1"], [agent]);

        string response = await proxy.SendAsync("GET / HTTP/1.1\r\nhost: example.test\r\ncookie: a=1\r\naccept: x\r\ncookie: b=2\r\naccept: y\r\n\r\n");

        Assert.Equal("a=1; b=2", plugin.Asked!.Header["Cookie"]);
        Assert.Equal("x, y", plugin.Asked.Header["Accept"]);
        Assert.Contains("Set-Cookie: c=3; Path=/\r\nSet-Cookie: d=4\r\n", response, StringComparison.OrdinalIgnoreCase);
    }

    private sealed class Cookies : IPlugin
    {
        public string Name => "cookies";

        internal PluginRequest? Asked { get; private set; }

        public ValueTask<PluginResponse> CallAsync(PluginRequest request, TimeSpan timeout, CancellationToken cancellationToken = default)
        {
            Asked = request;
            return new(new PluginResponse { Status = 200, Header = new Dictionary<string, string> { ["Set-Cookie"] = "c=3; Path=/\nd=4" } });
        }
    }
}
