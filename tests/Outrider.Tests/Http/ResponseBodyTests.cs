using Outrider.Http.Messages;
using Outrider.Http.Streams;

namespace Outrider.Tests.Http;

/// <summary>What a response's head announces of its body, and what goes out of it.</summary>
public sealed class ResponseBodyTests
{
    [Fact]
    public void A_length_is_announced_and_no_more_than_that_goes_out()
    {
        var body = default(ResponseBody);
        Assert.False(body.HasBegun);
        Assert.Equal(5, body.Begin(Head(200, 5), answersHead: false, endStream: false));
        Assert.True(body is { HasBegun: true, IsAnnounced: true, IsOpen: false, IsForbidden: false, IsShort: true });

        Assert.Equal((3, true), Take(ref body, 3));
        Assert.True(body.IsShort);
        Assert.Equal((2, true), Take(ref body, 2));
        Assert.False(body.IsShort);
        Assert.Equal((0, false), Take(ref body, 1));
        Assert.Equal((0, true), Take(ref body, 0));
    }

    [Fact]
    public void Of_a_piece_that_is_too_long_the_front_goes_out()
    {
        var body = default(ResponseBody);
        _ = body.Begin(Head(200, 4), answersHead: false, endStream: false);
        Assert.Equal((4, false), Take(ref body, 9));
        Assert.False(body.IsShort);
    }

    [Theory]
    [InlineData(BodyFraming.Chunked)]
    [InlineData(BodyFraming.UntilClose)]
    [InlineData(BodyFraming.Length)]
    public void Without_a_length_all_goes_out_and_something_else_has_to_say_where_it_ends(BodyFraming framing)
    {
        var body = default(ResponseBody);
        Assert.Equal(-1, body.Begin(new ResponseHead { Status = 200, Framing = framing, ContentLength = -1 }, answersHead: false, endStream: false));
        Assert.True(body is { IsOpen: true, IsAnnounced: false, IsForbidden: false, IsShort: false });
        Assert.Equal((100, true), Take(ref body, 100));
        Assert.False(body.IsShort);
    }

    [Fact]
    public void A_response_that_is_over_with_its_head_has_length_0_whatever_came_with_it()
    {
        var body = default(ResponseBody);
        Assert.Equal(0, body.Begin(Head(200, 9), answersHead: false, endStream: true));
        Assert.False(body.IsShort);
        Assert.Equal((0, false), Take(ref body, 1));
    }

    // RFC 9110 §8.6 and §15: what may be said of a body that may not follow.
    [Theory]
    [InlineData(200, true, 7, 7)]
    [InlineData(304, false, 7, 7)]
    [InlineData(304, false, -1, -1)]
    [InlineData(204, false, 7, -1)]
    [InlineData(205, false, 7, 0)]
    public void What_may_have_no_body_gets_none(int status, bool answersHead, long length, long announced)
    {
        var body = default(ResponseBody);
        Assert.Equal(announced, body.Begin(Head(status, length), answersHead, endStream: false));
        Assert.True(body is { HasBegun: true, IsForbidden: true, IsOpen: false, IsShort: false });
        Assert.Equal((0, true), Take(ref body, 7));
    }

    [Fact]
    public void In_a_tunnel_everything_goes_out()
    {
        var body = default(ResponseBody);
        body.BeginTunnel();
        Assert.True(body is { HasBegun: true, IsOpen: true });
        Assert.Equal((100, true), Take(ref body, 100));
    }

    [Fact]
    public void The_next_response_knows_nothing_of_the_last()
    {
        var body = default(ResponseBody);
        _ = body.Begin(Head(200, 5), answersHead: false, endStream: false);
        body.Await();
        Assert.True(body is { HasBegun: false, IsShort: false, IsAnnounced: false });
    }

    private static ResponseHead Head(int status, long length) => new() { Status = status, Framing = length < 0 ? BodyFraming.None : BodyFraming.Length, ContentLength = length };

    private static (int Left, bool Fits) Take(ref ResponseBody body, int count)
    {
        ReadOnlySpan<byte> data = new byte[count];
        bool fits = body.Take(ref data);
        return (data.Length, fits);
    }
}
