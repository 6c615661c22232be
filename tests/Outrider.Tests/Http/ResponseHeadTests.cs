using System.Text;
using Outrider.Http.Messages;
using Outrider.Http.Rules;

namespace Outrider.Tests.Http;

public sealed class ResponseHeadTests
{
    public static TheoryData<string> Bad => [.. BadResponses.Names];

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_bad_response_is_refused_for_what_is_wrong_with_it(string name)
    {
        var (text, error) = BadResponses.Get(name);
        Assert.NotNull(error);
        Assert.Equal(error, MessageReader.ReadResponse(text).Error);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK", "OK")]
    [InlineData("HTTP/1.1 200 ", "")]
    [InlineData("HTTP/1.1 200", "")]
    [InlineData("HTTP/1.0 404 Not  \t\u00e9 Found ", "Not  \t\u00e9 Found ")]
    public void A_reason_is_anything_but_control_characters(string line, string reason)
        => Assert.Equal(reason, Encoding.Latin1.GetString(MessageReader.ReadResponse(line + "\r\nContent-Length: 0\r\n\r\n").Response.Reason));

    [Theory]
    [InlineData(200, "Content-Length: 5", false, BodyFraming.Length, true)]
    [InlineData(200, "Content-Length: 0", false, BodyFraming.None, true)]
    [InlineData(200, "Transfer-Encoding: chunked", false, BodyFraming.Chunked, true)]
    [InlineData(200, "X: y", false, BodyFraming.UntilClose, false)]
    [InlineData(200, "Connection: close\r\nContent-Length: 5", false, BodyFraming.Length, false)]
    [InlineData(200, "Content-Length: 5", true, BodyFraming.None, true)]
    [InlineData(200, "Transfer-Encoding: chunked", true, BodyFraming.None, true)]
    [InlineData(304, "Content-Length: 5", false, BodyFraming.None, true)]
    [InlineData(304, "Transfer-Encoding: chunked", false, BodyFraming.None, true)]
    [InlineData(204, "X: y", false, BodyFraming.None, true)]
    [InlineData(204, "Content-Length: 0", false, BodyFraming.None, true)]
    [InlineData(204, "Content-Length: 5", false, BodyFraming.None, false)]
    [InlineData(204, "Transfer-Encoding: chunked", false, BodyFraming.None, false)]
    public void The_end_of_a_response_is_that_of_RFC_9112_6_3(int status, string fields, bool toHead, BodyFraming framing, bool keepAlive)
    {
        var response = MessageReader.ReadResponse($"HTTP/1.1 {status} X\r\n{fields}\r\n\r\n", toHead: toHead).Response;
        Assert.Equal(framing, response.Framing);
        Assert.Equal(keepAlive, response.KeepAlive);
    }

    [Theory]
    [InlineData("Connection: upgrade\r\nUpgrade: websocket", true, true)]
    [InlineData("Connection: upgrade\r\nUpgrade: websocket", false, false)]
    [InlineData("Upgrade: websocket", true, false)]
    [InlineData("Connection: upgrade", true, false)]
    public void A_101_has_to_be_asked_for_and_say_what_it_is(string fields, bool toUpgrade, bool valid)
    {
        var error = MessageReader.ReadResponse($"HTTP/1.1 101 X\r\n{fields}\r\n\r\n", toUpgrade: toUpgrade).Error;
        Assert.Equal(valid ? null : ResponseErrors.UnexpectedUpgrade, error);
    }

    [Fact]
    public void Fields_for_the_next_hop_only_are_removed_with_those_that_Connection_names()
    {
        var fields = MessageReader.ReadResponse(
            "HTTP/1.1 200 OK\r\nConnection: x-a\r\nX-A: 1\r\nKeep-Alive: 5\r\nX-B: 2\r\nTransfer-Encoding: chunked\r\nUpgrade: h2c\r\nProxy-Connection: x\r\n\r\n").Response.Fields;
        Assert.Equal("X-B: 2\n", MessageReader.FieldsOf(fields));
    }
}
