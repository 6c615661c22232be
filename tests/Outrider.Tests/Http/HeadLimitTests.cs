using System.Text;
using Outrider.Http.Rules;

namespace Outrider.Tests.Http;

/// <summary>Each limit at its edge; in one piece and byte by byte, because a limit is where the two are most easily told apart.</summary>
public sealed class HeadLimitTests
{
    private static readonly HttpLimits s_limits = new() { MaxStartLine = 100, MaxHeaderBytes = 200, MaxHeaderCount = 5 };

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    [InlineData(5000, false)]
    public void A_request_line_may_be_as_long_as_its_limit(int length, bool allowed)
    {
        string line = "GET /" + new string('a', length - 14) + " HTTP/1.1";
        Check(line + "\r\nHost: a\r\n\r\n", allowed ? null : HeadErrors.StartLineTooLong);
        Check("\r\n" + line + "\r\nHost: a\r\n\r\n", allowed ? null : HeadErrors.StartLineTooLong);
    }

    [Fact]
    public void A_request_line_that_never_ends_is_refused_at_its_limit()
    {
        Assert.Null(MessageReader.ReadRequest("GET /" + new string('a', 97), s_limits).Error);
        Check("GET /" + new string('a', 98), HeadErrors.StartLineTooLong);
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(201, false)]
    [InlineData(5000, false)]
    public void A_head_may_be_as_long_as_its_limit(int length, bool allowed)
    {
        // The line that ends the head is not counted.
        string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
        Check(start + new string('a', length - start.Length - 2) + "\r\n\r\n", allowed ? null : HeadErrors.HeadTooLarge);
    }

    [Fact]
    public void A_head_that_never_ends_is_refused_at_its_limit()
        => Check("GET / HTTP/1.1\r\nHost: a\r\nX: " + new string('a', 10_000), HeadErrors.HeadTooLarge);

    [Theory]
    [InlineData(5, true)]
    [InlineData(6, false)]
    public void A_head_may_have_as_many_fields_as_its_limit(int count, bool allowed)
        => Check("GET / HTTP/1.1\r\nHost: a\r\n" + string.Concat(Enumerable.Repeat("X: y\r\n", count - 1)) + "\r\n", allowed ? null : HeadErrors.TooManyFields);

    [Fact]
    public void What_is_wrong_before_a_limit_counts_before_it()
    {
        Check("GET /\rx" + new string('a', 500), HeadErrors.BareCr);
        Check("GET /\rx" + new string('a', 500) + " HTTP/1.1\r\n", HeadErrors.BareCr);
        Check("GET /" + new string('a', 500) + "\rx HTTP/1.1\r\n", HeadErrors.StartLineTooLong);
        Check("GET /" + new string('a', 96) + "\rx", HeadErrors.StartLineTooLong);
        Check("GET /" + new string('a', 95) + "\rx", HeadErrors.BareCr);
        Check("GET / HTTP/1.1\r\nX: \ra" + new string('a', 500), HeadErrors.BareCr);
        Check("GET / HTTP/1.1\r\nX: " + new string('a', 500) + "\ra\r\n", HeadErrors.HeadTooLarge);
        Check("GET /" + new string('a', 97) + "\n", HeadErrors.StartLineTooLong);
    }

    [Fact]
    public void A_status_line_has_the_same_limit()
    {
        Assert.Null(MessageReader.ReadResponse("HTTP/1.1 200 " + new string('a', 87) + "\r\n\r\n", s_limits).Error);
        Assert.Equal(ResponseErrors.StatusLine, MessageReader.ReadResponse("HTTP/1.1 200 " + new string('a', 88) + "\r\n\r\n", s_limits).Error);
    }

    private static void Check(string text, ProtocolError? error)
    {
        Assert.Equal(error, MessageReader.ReadRequest(text, s_limits).Error);
        var dripping = MessageReader.OfRequest(s_limits);
        foreach (byte b in Encoding.Latin1.GetBytes(text))
        {
            dripping.Feed([b]);
        }

        Assert.Equal(error, dripping.Error);
    }
}
