using System.Text;
using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Proxy.FilterChains;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Filters;

public sealed class HeaderTests
{
    public static TheoryData<string> Kinds() => ["request", "response", "trailers"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Names_compare_without_case_and_keep_theirs(string kind)
    {
        var map = Make(kind);
        map.Append("X-One", "1");
        map.Append("x-two", "2");
        map.Append("x-ONE", "3");

        Assert.Equal(3, map.Count);
        Assert.Equal("1", map.GetString("x-one"));
        Assert.Equal("1", map.GetString("X-ONE"u8));
        Assert.True(map.Has("x-Two"u8, "2"u8));
        Assert.False(map.Has("x-two"u8, "3"u8));
        Assert.False(map.Contains("x"u8));
        Assert.Null(map.GetString("x-three"));
        Assert.Equal(["X-One: 1", "x-two: 2", "x-ONE: 3"], All(map));
        Assert.True(map.Remove("X-one"));
        Assert.False(map.Remove("X-one"));
        Assert.Equal(["x-two: 2"], All(map));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Set_takes_the_place_of_every_field_of_that_name(string kind)
    {
        var map = Make(kind);
        map.Append("x-a"u8, "1"u8);
        map.Append("x-b"u8, "2"u8);
        map.Append("X-A"u8, "3"u8);

        map.Set("x-a", "new");
        map.Set("x-c", "ä");

        Assert.Equal(1, All(map).Count(field => field.StartsWith("x-a", StringComparison.OrdinalIgnoreCase)));
        Assert.Equal("new", map.GetString("x-a"));
        Assert.Equal("ä", map.GetString("x-c"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_would_break_out_of_a_field_is_refused(string kind)
    {
        var map = Make(kind);
        foreach (string value in new[] { "a\r\nx: y", "a\rb", "a\nb", "a\0b", "a\u0001b", "a\u007fb" })
        {
            Assert.Throws<ArgumentException>(() => map.Set("x-a", value));
            Assert.Throws<ArgumentException>(() => map.Append("x-a", value));
        }

        foreach (string name in new[] { "", "x a", "x:", "x\r\n", "x\0", "ä", "(x)", ":path" })
        {
            Assert.Throws<ArgumentException>(() => map.Set(name, "v"));
            Assert.Throws<ArgumentException>(() => map.Append(name, "v"));
        }

        Assert.Equal(0, map.Count);
        map.Set("x-a", "tab\tand space");
        map.Set("x-b", "");
        Assert.Equal(2, map.Count);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Fields_of_the_connection_are_the_proxys(string kind)
    {
        var map = Make(kind);
        foreach (string name in new[] { "Connection", "transfer-encoding", "Keep-Alive", "proxy-connection", "TE", "Upgrade" })
        {
            Assert.Throws<ArgumentException>(() => map.Set(name, "x"));
            Assert.Throws<ArgumentException>(() => map.Append(name, "x"));
        }
    }

    [Theory]
    [InlineData("request")]
    [InlineData("response")]
    public void Content_length_is_one_number(string kind)
    {
        var map = Make(kind);
        foreach (string value in new[] { "", "-1", "+1", "1,1", "0x10", "ten", "99999999999999999999" })
        {
            Assert.Throws<ArgumentException>(() => map.Set("Content-Length", value));
        }

        map.Append("content-length", "5");
        map.Append("content-length", "6");
        Assert.Equal(["content-length: 6"], All(map));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_index_that_is_outside_is_refused(string kind)
    {
        var map = Make(kind);
        map.Set("x-a", "1");
        Assert.Throws<ArgumentOutOfRangeException>(() => map[1].ToString());
        Assert.Throws<ArgumentOutOfRangeException>(() => map[-1].ToString());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Long_names_and_values_are_kept_whole(string kind)
    {
        var map = Make(kind);
        string name = "x-" + new string('n', 2000), value = new('v', 20_000);
        map.Set(name, value);
        Assert.Equal(value, map.GetString(name));
    }

    [Fact]
    public void Host_is_the_requests_authority()
    {
        var head = new RequestHead();
        head.Clear();
        head.SetAuthority("a.test:80"u8);
        var headers = new NativeRequestHeaders(head);

        Assert.Equal("a.test:80", headers.GetString("Host"));
        Assert.Equal(0, headers.Count);
        headers.Set("host", "b.test");
        Assert.Equal("b.test", headers.AuthorityString);
        Assert.Equal(0, headers.Count);
        Assert.Throws<ArgumentException>(() => headers.Set("host", "b test"));
        Assert.Throws<ArgumentException>(() => headers.Set("host", "b/test"));
        Assert.Throws<ArgumentException>(() => headers.Set("host", "user@test"));
    }

    [Fact]
    public void A_requests_line_takes_no_more_than_its_parts()
    {
        var headers = (RequestHeaders)Make("request");
        foreach (string path in new[] { "", "a", "/a b", "/a\r\nx: y", "/a\tb", "/\u007f", "http://a/" })
        {
            Assert.Throws<ArgumentException>(() => headers.Path = Encoding.Latin1.GetBytes(path));
        }

        foreach (string method in new[] { "", "GE T", "GET\r\n", "G(T" })
        {
            Assert.Throws<ArgumentException>(() => headers.Method = Encoding.Latin1.GetBytes(method));
        }

        headers.Path = "/a?b=c?d"u8;
        Assert.Equal("/a", Encoding.Latin1.GetString(headers.PathWithoutQuery));
        headers.Method = "PURGE"u8;
        Assert.Equal("PURGE", headers.MethodString);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(600)]
    public void A_status_that_is_none_is_refused(int status)
        => Assert.Throws<ArgumentOutOfRangeException>(() => ((ResponseHeaders)Make("response")).Status = status);

    [Fact]
    public async Task What_filters_do_to_headers_arrives_on_either_side()
    {
        var filter = new Script
        {
            DecodeHeaders = (_, headers, _) =>
            {
                headers.Set("host", "other.test");
                headers.Method = "PUT"u8;
                headers.Remove("x-drop");
                headers.Append("x-add", "1");
                headers.Append("x-add", "2");
                return FilterAction.Continue;
            },
            EncodeHeaders = (_, headers, _) =>
            {
                headers.Status = 418;
                headers.Remove("server");
                headers.Append("set-cookie", "a=1");
                headers.Append("set-cookie", "b=2");
                return FilterAction.Continue;
            },
        };
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            string request = await connection.ReadRequestAsync();
            await connection.SendAsync(Response(request, "server: hidden\r\n"));
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);

        string response = await proxy.SendAsync("GET / HTTP/1.1\r\nhost: example.test\r\nX-Drop: 1\r\nx-keep: 1\r\n\r\n");

        string seen = BodyOf(response);
        Assert.StartsWith("PUT / HTTP/1.1\r\nhost: other.test\r\n", seen, StringComparison.Ordinal);
        Assert.Contains("\r\nx-add: 1\r\nx-add: 2\r\n", seen, StringComparison.Ordinal);
        Assert.Contains("\r\nx-keep: 1\r\n", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("drop", seen, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith("HTTP/1.1 418 ", response, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", HeadOf(response), StringComparison.Ordinal);
        Assert.Contains("\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n", response, StringComparison.Ordinal);
    }

    private static HeaderMap Make(string kind)
    {
        var request = new RequestHead();
        request.Clear();
        var response = new ResponseHead { Status = 200 };
        return kind switch
        {
            "request" => new NativeRequestHeaders(request),
            "response" => new NativeResponseHeaders(response),
            _ => new NativeTrailers(new HeaderBlock()),
        };
    }

    private static List<string> All(HeaderMap map)
    {
        var fields = new List<string>();
        foreach (var field in map)
        {
            fields.Add(field.ToString());
        }

        return fields;
    }
}
