using System.Text;
using Outrider.Http.Headers;
using Outrider.Http.Rules;

namespace Outrider.Tests.Http;

public sealed class RequestHeadTests
{
    public static TheoryData<string> Bad => [.. BadRequests.Names];

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_bad_request_is_refused_for_what_is_wrong_with_it(string name)
    {
        var (text, error) = BadRequests.Get(name);
        Assert.Equal(error, MessageReader.ReadRequest(text).Error);
    }

    [Fact]
    public void A_good_request_is_read_to_its_end()
    {
        foreach (string text in GoodRequests.All)
        {
            var reader = MessageReader.ReadRequest(text);
            Assert.True(reader.IsComplete, $"{text}: {reader.Error?.Message}");
        }
    }

    [Theory]
    [InlineData("GET /a?b HTTP/1.1", "/a?b")]
    [InlineData("GET http://h.test/a?b HTTP/1.1", "/a?b")]
    [InlineData("GET http://h.test HTTP/1.1", "/")]
    [InlineData("GET http://h.test?b HTTP/1.1", "/?b")]
    [InlineData("GET HTTP://H.test/ HTTP/1.1", "/")]
    [InlineData("OPTIONS * HTTP/1.1", "*")]
    [InlineData("OPTIONS /a HTTP/1.1", "/a")]
    [InlineData("OPTIONS http://h.test HTTP/1.1", "*")]
    [InlineData("OPTIONS http://h.test?b HTTP/1.1", "/?b")]
    [InlineData("OPTIONS http://h.test/ HTTP/1.1", "/")]
    public void Every_form_of_target_becomes_origin_form_or_an_asterisk(string line, string target)
    {
        var reader = MessageReader.ReadRequest(line + "\r\nHost: h.test\r\nX: y\r\n\r\n");
        Assert.True(reader.IsComplete, reader.Error?.Message);
        Assert.Equal(target, Encoding.Latin1.GetString(reader.Request.Target));
        Assert.Equal("h.test", Encoding.Latin1.GetString(reader.Request.Authority), ignoreCase: true);
        Assert.Equal("X: y\n", MessageReader.FieldsOf(reader.Request.Fields));
    }

    [Theory]
    [InlineData("a.test")]
    [InlineData("a.test:")]
    [InlineData("a.test:65535")]
    [InlineData("127.0.0.1:1")]
    [InlineData("[::1]")]
    [InlineData("[2001:db8::192.0.2.1]:443")]
    [InlineData("a_b-c.d~e!f%20")]
    public void A_host_and_an_optional_port_are_a_Host(string host)
        => Assert.Equal(host, Encoding.Latin1.GetString(MessageReader.ReadRequest($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n").Request.Authority));

    [Fact]
    public void HTTP_1_0_needs_no_Host_and_takes_that_of_the_target()
    {
        Assert.True(MessageReader.ReadRequest("GET / HTTP/1.0\r\n\r\n").Request.Authority.IsEmpty);
        Assert.Equal("a.test", Encoding.Latin1.GetString(MessageReader.ReadRequest("GET http://a.test/ HTTP/1.0\r\n\r\n").Request.Authority));
    }

    [Theory]
    [InlineData("/?ids[]=1")]
    [InlineData("/a|b")]
    [InlineData("/{x}")]
    [InlineData("/100%")]
    [InlineData("/[slug].js")]
    [InlineData("/caf\u00c3\u00a9?\u00ff")]
    [InlineData("/%zz%4")]
    [InlineData("/a\\b^`\"<>'")]
    public void What_browsers_send_raw_stands_as_it_is_unless_targets_are_strict(string target)
    {
        string request = $"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n";
        Assert.Equal(target, Encoding.Latin1.GetString(MessageReader.ReadRequest(request).Request.Target));
        Assert.Equal(HeadErrors.Target, MessageReader.ReadRequest(request, new HttpLimits { StrictTarget = true }).Error);
        string absolute = $"GET http://a{target} HTTP/1.1\r\nHost: a\r\n\r\n";
        Assert.Equal(target, Encoding.Latin1.GetString(MessageReader.ReadRequest(absolute).Request.Target));
        Assert.Equal(HeadErrors.Target, MessageReader.ReadRequest(absolute, new HttpLimits { StrictTarget = true }).Error);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Controls_blanks_and_fragments_are_never_in_a_target(bool strict)
    {
        foreach (char c in Enumerable.Range(0, 33).Select(i => (char)i).Append('\u007f').Append('#'))
        {
            Assert.NotNull(MessageReader.ReadRequest($"GET /a{c}b HTTP/1.1\r\nHost: a\r\n\r\n", new HttpLimits { StrictTarget = strict }).Error);
        }
    }

    [Theory]
    [InlineData("http://a.test:80/x", "a.test", "a.test:80")]
    [InlineData("http://a.test/x", "A.TEST.", "a.test")]
    [InlineData("http://a.test/x", "b.test", "a.test")]
    [InlineData("HTTPS://a.test:8443?x", "a.test", "a.test:8443")]
    [InlineData("http://[::1]:80", "localhost", "[::1]:80")]
    public void Of_an_absolute_target_the_authority_counts_and_not_the_Host(string target, string host, string authority)
    {
        var message = MessageReader.ReadRequest($"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        Assert.True(message.IsComplete);
        Assert.Equal(authority, Encoding.Latin1.GetString(message.Request.Authority));
        Assert.True(message.Request.Fields.IndexOf(KnownHeader.Host) < 0);
    }

    [Theory]
    [InlineData("Content_Length: 5")]
    [InlineData("content_length: 5")]
    [InlineData("Transfer_Encoding: chunked")]
    [InlineData("TRANSFER_ENCODING: chunked")]
    [InlineData("X_Forwarded-For: 1.2.3.4")]
    [InlineData("X-Forwarded_Proto: https")]
    [InlineData("Keep_Alive: 1")]
    public void A_name_that_applications_read_as_one_of_the_proxys_own_is_refused(string field)
    {
        foreach (var rule in Enum.GetValues<UnderscoreRule>())
        {
            var limits = new HttpLimits { Underscores = rule };
            Assert.Equal(HeadErrors.Underscore, MessageReader.ReadRequest($"POST / HTTP/1.1\r\nHost: a\r\n{field}\r\n\r\n", limits).Error);
        }
    }

    [Fact]
    public void Other_names_with_underscores_pass_or_are_dropped_or_refused()
    {
        const string request = "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nuser_id: 2\r\n_: 3\r\nY: 4\r\n\r\n";
        Assert.Equal(4, MessageReader.ReadRequest(request).Request.Fields.Count);
        Assert.Equal(2, MessageReader.ReadRequest(request, new HttpLimits { Underscores = UnderscoreRule.Drop }).Request.Fields.Count);
        Assert.Equal(HeadErrors.Underscore, MessageReader.ReadRequest(request, new HttpLimits { Underscores = UnderscoreRule.Refuse }).Error);
    }

    [Fact]
    public void No_byte_but_those_of_a_token_may_stand_in_a_method_or_a_name()
    {
        const string Token = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        for (int b = 0; b < 256; b++)
        {
            char c = (char)b;
            bool token = Token.Contains(c);
            Assert.Equal(token, MessageReader.ReadRequest($"A{c}B / HTTP/1.1\r\nHost: a\r\n\r\n").IsComplete);
            Assert.Equal(token || c == ':', MessageReader.ReadRequest($"GET / HTTP/1.1\r\nHost: a\r\nA{c}B: x\r\n\r\n").IsComplete);
        }
    }

    [Fact]
    public void No_control_character_but_the_tab_may_stand_in_a_value()
    {
        for (int b = 0; b < 256; b++)
        {
            bool allowed = b == '\t' || (b >= ' ' && b != 127);
            Assert.Equal(allowed, MessageReader.ReadRequest($"GET / HTTP/1.1\r\nHost: a\r\nX: a{(char)b}b\r\n\r\n").IsComplete);
        }
    }

    [Fact]
    public void A_bare_CR_is_found_before_the_line_ends()
    {
        foreach (string text in new[] { "GET /\rx", "GET / HTTP/1.1\r\nHost: a\rb", "\r\rG", "GET / HTTP/1.1\r\n\r\r" })
        {
            Assert.Equal(HeadErrors.BareCr, MessageReader.ReadRequest(text).Error);
        }

        var waiting = MessageReader.ReadRequest("GET / HTTP/1.1\r");
        Assert.Null(waiting.Error);
        Assert.Equal(HeadErrors.BareCr, waiting.Feed("H"u8).Error);
    }

    [Fact]
    public void Fields_for_the_next_hop_only_are_removed_with_those_that_Connection_names()
    {
        var fields = MessageReader.ReadRequest(
            "GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nConnection: x-a, keep-alive, x-gone\r\nKeep-Alive: 5\r\nx-a: 2\r\nTE: trailers\r\nProxy-Connection: x\r\n"
            + "Upgrade: websocket\r\nHTTP2-Settings: x\r\nX-B: 3\r\nCONNECTION: X-B\r\nX-C: 4\r\n\r\n").Request.Fields;
        Assert.Equal("X-C: 4\n", MessageReader.FieldsOf(fields));
    }

    [Theory]
    [InlineData("Upgrade: websocket", true)]
    [InlineData("Upgrade: WebSocket/13", true)]
    [InlineData("Upgrade: foo, websocket", true)]
    [InlineData("Upgrade: h2c", false)]
    [InlineData("Upgrade: H2c", false)]
    [InlineData("Upgrade: h2C-14", false)]
    [InlineData("Upgrade: h2", false)]
    [InlineData("Upgrade: HTTP/2.0", false)]
    [InlineData("Upgrade: TLS/1.0", false)]
    [InlineData("Upgrade: websocket, h2c", true)]
    [InlineData("Upgrade: websocket\r\nUpgrade: h2c", true)]
    [InlineData("Upgrade: websocket\r\nHTTP2-Settings: x", true)]
    [InlineData("Upgrade: websocket\r\nContent-Length: 3", true)]
    [InlineData("Upgrade: websocket\r\nTransfer-Encoding: chunked", true)]
    [InlineData("Upgrade: websocket\r\nContent-Length: 0", true)]
    [InlineData("Upgrade:", false)]
    [InlineData("Upgrade: /", false)]
    [InlineData("Upgrade: a b", false)]
    [InlineData("X: y", false)]
    public void An_upgrade_is_passed_on_unless_it_leads_to_HTTP_again(string fields, bool passes)
    {
        var request = MessageReader.ReadRequest($"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n{fields}\r\n\r\n").Request;
        Assert.Equal(passes, request.IsUpgrade);
        Assert.Equal(passes, request.Fields.IndexOf(KnownHeader.Upgrade) >= 0);
    }

    [Fact]
    public void An_upgrade_that_Connection_does_not_name_is_none()
    {
        var request = MessageReader.ReadRequest("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n").Request;
        Assert.False(request.IsUpgrade);
        Assert.Equal(0, request.Fields.Count);
        Assert.False(MessageReader.ReadRequest("GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n").Request.IsUpgrade);
    }

    [Theory]
    [InlineData("HTTP/1.1", "Content-Length: 3", true)]
    [InlineData("HTTP/1.1", "Transfer-Encoding: chunked", true)]
    [InlineData("HTTP/1.1", "Content-Length: 0", false)]
    [InlineData("HTTP/1.1", "X: y", false)]
    [InlineData("HTTP/1.0", "Content-Length: 3", false)]
    public void An_expectation_counts_where_a_body_follows_and_is_dropped_elsewhere(string version, string field, bool expects)
    {
        var request = MessageReader.ReadRequest($"POST / {version}\r\nHost: a\r\nExpect: 100-continue\r\n{field}\r\n\r\n").Request;
        Assert.Equal(expects, request.ExpectsContinue);
        Assert.Equal(expects, request.Fields.IndexOf(KnownHeader.Expect) >= 0);
    }

    [Theory]
    [InlineData("HTTP/1.1", "X: y", true)]
    [InlineData("HTTP/1.1", "Connection: Close", false)]
    [InlineData("HTTP/1.1", "Connection: keep-alive\r\nConnection: close", false)]
    [InlineData("HTTP/1.0", "X: y", false)]
    [InlineData("HTTP/1.0", "Connection: Keep-Alive", true)]
    [InlineData("HTTP/1.0", "Connection: keep-alive, close", false)]
    public void The_connection_stays_as_version_and_Connection_say(string version, string field, bool keepAlive)
        => Assert.Equal(keepAlive, MessageReader.ReadRequest($"GET / {version}\r\nHost: a\r\n{field}\r\n\r\n").Request.KeepAlive);
}
