using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.V1.Parsing;

namespace Outrider.Tests.Http;

/// <summary>The request line alone.</summary>
public sealed class RequestLineTests
{
    [Fact]
    public void An_absolute_form_without_a_path_is_stored_when_the_head_is_complete()
    {
        var (line, head, error) = Parse("GET http://a.test HTTP/1.1");

        Assert.Null(error);
        Assert.True(line.IsAbsolute);
        Assert.Equal("a.test"u8.ToArray(), head.Authority.ToArray());
        line.Complete(head);
        Assert.Equal("/"u8.ToArray(), head.Target.ToArray());
    }

    [Fact]
    public void An_origin_form_stays_where_it_is()
    {
        var (line, head, error) = Parse("GET /x?y HTTP/1.0");

        Assert.Null(error);
        Assert.False(line.IsAbsolute);
        Assert.Equal(0, head.MinorVersion);
        Assert.Equal("/x?y"u8.ToArray(), head.Target.ToArray());
    }

    [Theory]
    [InlineData("GET / HTTP/2.0", "the protocol is not HTTP/1.0 or HTTP/1.1")]
    [InlineData("CONNECT a.test:443 HTTP/1.1", "CONNECT is for forward proxies")]
    [InlineData("GET * HTTP/1.1", "the target has none of the forms of RFC 9112 §3.2")]
    public void What_is_wrong_is_said(string text, string message)
    {
        var (_, _, error) = Parse(text);

        Assert.Equal(message, error!.Message);
    }

    private static (RequestLine Line, RequestHead Head, ProtocolError? Error) Parse(string text)
    {
        var head = new RequestHead();
        head.Clear();
        byte[] bytes = System.Text.Encoding.ASCII.GetBytes(text);
        head.Fields.Store(bytes);
        var line = default(RequestLine);
        var error = line.Parse(head.Fields, head, 0, bytes.Length, isStrict: false);
        return (line, head, error);
    }
}
