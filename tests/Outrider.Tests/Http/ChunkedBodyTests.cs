using Outrider.Http.Rules;

namespace Outrider.Tests.Http;

public sealed class ChunkedBodyTests
{
    private const string Head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

    [Theory]
    [InlineData("3\r\nabc\r\n0\r\n\r\n", "abc")]
    [InlineData("003\r\nabc\r\n000\r\n\r\n", "abc")]
    [InlineData("000000000000003\r\nabc\r\n0\r\n\r\n", "abc")]
    [InlineData("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789")]
    [InlineData("4\r\n\r\n0\r\r\n0\r\n\r\n", "\r\n0\r")]
    [InlineData("1;a\r\na\r\n1;a=b\r\nb\r\n1; a = \"b\\\"c;\" ;d\r\nc\r\n0;e\r\n\r\n", "abc")]
    public void Chunks_become_a_body(string chunks, string body)
    {
        var reader = MessageReader.ReadRequest(Head + chunks);
        Assert.True(reader.IsComplete, reader.Error?.Message);
        Assert.Equal(body, reader.Body);
    }

    [Fact]
    public void The_largest_size_has_15_digits()
    {
        Assert.Null(MessageReader.ReadRequest(Head + "fffffffffffffff\r\nabc").Error);
        Assert.Equal(FramingErrors.ChunkSize, MessageReader.ReadRequest(Head + "ffffffffffffffff\r\nabc").Error);
    }

    [Fact]
    public void An_extension_has_at_most_1024_bytes_and_each_chunk_has_its_own()
    {
        string most = ";" + new string('a', 1023);
        Assert.True(MessageReader.ReadRequest($"{Head}1{most}\r\na\r\n1{most}\r\nb\r\n0{most}\r\n\r\n").IsComplete);
        Assert.Equal(FramingErrors.ChunkExtension, MessageReader.ReadRequest($"{Head}1{most}a").Error ?? MessageReader.ReadRequest($"{Head}1{most}a\r").Error);
    }

    [Fact]
    public void Trailers_are_parsed_and_those_that_only_a_head_may_have_are_dropped()
    {
        var reader = MessageReader.ReadRequest(Head + "0\r\nX-Sum: 1 \r\nAuthorization: x\r\nCookie: x\r\ncontent-type: x\r\nX-More:2\r\n\r\nGET");
        Assert.True(reader.IsComplete);
        Assert.Equal("X-Sum: 1\nX-More: 2\n", reader.Trailers);
        Assert.Equal(3, reader.Unused);
    }

    [Fact]
    public void Trailers_have_the_limits_of_a_head()
    {
        var limits = new HttpLimits { MaxHeaderBytes = 100, MaxHeaderCount = 2 };
        string field = "X: " + new string('a', 93);
        Assert.True(MessageReader.ReadRequest($"{Head}0\r\n{field}a\r\n\r\n", limits).Error is null);
        Assert.Equal(HeadErrors.HeadTooLarge, MessageReader.ReadRequest($"{Head}0\r\n{field}aaa\r\n\r\n", limits).Error);
        Assert.True(MessageReader.ReadRequest($"{Head}0\r\nA: 1\r\nB: 2\r\n\r\n", limits).IsComplete);
        Assert.Equal(HeadErrors.TooManyFields, MessageReader.ReadRequest($"{Head}0\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n", limits).Error);
    }
}
