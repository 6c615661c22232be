using System.Text;
using Outrider.Http.Rules;
using Outrider.Http.V1.Server;
using Outrider.Http.V2.Server;

namespace Outrider.Tests.Http.V1;

/// <summary>What is taken for the beginning of HTTP/2, and for a bad one, where both protocols are spoken.</summary>
public sealed class PriorKnowledgeTests
{
    [Fact]
    public void The_preface_is_known_however_it_is_cut()
    {
        for (int i = 0; i <= Http2ServerConnection.Preface.Length; i++)
        {
            Assert.True(PriorKnowledge.IsPreface(Http2ServerConnection.Preface[..i]));
        }

        Assert.False(PriorKnowledge.IsPreface("PRI * HTTP/2.1\r\n"u8));
        Assert.False(PriorKnowledge.IsPreface("GET / HTTP/1.1\r\n"u8));
        Assert.False(PriorKnowledge.IsPreface([.. Http2ServerConnection.Preface, 0]));
    }

    [Theory]
    [InlineData("INVALID CONNECTION PREFACE\r\n\r\n", true)]
    [InlineData("A B C\r\n", true)]
    [InlineData("GET / HTTP/1.1\r\n", false)]
    [InlineData("PRI * HTTP/2.0\r\n", false)]
    [InlineData("GET http://a HTTP/1.1\r\n", false)]
    [InlineData("CONNECT a:80 b\r\n", false)]
    [InlineData("A B HTTP/9\r\n", false)]
    [InlineData("A B\r\n", false)]
    [InlineData(" B C\r\n", false)]
    [InlineData("A B C", false)]
    [InlineData("", false)]
    public void Three_words_that_are_no_request_are_a_bad_preface(string read, bool isBad)
        => Assert.Equal(isBad, PriorKnowledge.IsBadPreface(Encoding.Latin1.GetBytes(read), HeadErrors.RequestLine));

    [Fact]
    public void What_is_wrong_behind_a_request_line_is_HTTP_1s()
        => Assert.False(PriorKnowledge.IsBadPreface("A B C\r\n"u8, HeadErrors.HostMissing));
}
