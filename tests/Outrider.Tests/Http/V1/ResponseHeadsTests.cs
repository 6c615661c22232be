using System.Text;
using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.V1.Client;
using Outrider.Net.Loops;

namespace Outrider.Tests.Http.V1;

/// <summary>What an exchange learns of the heads of a response, however they come.</summary>
public sealed class ResponseHeadsTests : IDisposable
{
    private const string Final = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n";
    private const string Hints = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";

    private readonly EventLoop _loop = new(0);
    private readonly RequestHead _request = new();
    private readonly ResponseHead _response = new();
    private ResponseHeads _heads;
    private bool _requestDone = true;

    public ResponseHeadsTests()
    {
        _request.Clear();
        _heads.Begin();
    }

    public void Dispose() => _loop.Dispose();

    [Theory]
    [InlineData(Final, "Final 200")]
    [InlineData(Hints + Final, "Interim 103, Final 200")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n" + Hints + Final, "Interim 100, Interim 103, Final 200")]
    // A length in an interim response means nothing, and one that nobody understands is not to go on.
    [InlineData("HTTP/1.1 103 Early Hints\r\ncontent-length: 5\r\n\r\n" + Final, "Interim 103, Final 200")]
    [InlineData("HTTP/1.1 103 Early Hints\r\ncontent-length: five\r\n\r\n" + Final, "Ignored 103, Final 200")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", "Error")]
    [InlineData("HTTP/3 200 OK\r\n\r\n", "Error")]
    public void Each_head_is_told_whether_it_comes_at_once_or_byte_by_byte(string text, string wanted)
    {
        Assert.Equal(wanted, Read(text, text.Length));

        _heads.Begin();
        Assert.Equal(wanted, Read(text, 1));
    }

    [Theory]
    [InlineData(true, "Upgraded 101")]
    [InlineData(false, "Error")]
    public void A_tunnel_begins_when_all_of_the_request_is_sent(bool requestDone, string wanted)
    {
        _request.IsUpgrade = true;
        _requestDone = requestDone;

        Assert.Equal(wanted, Read("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", 1000));
    }

    [Fact]
    public void What_is_behind_the_head_stays()
    {
        ReadOnlySpan<byte> data = Encoding.Latin1.GetBytes(Final + "hi");

        Assert.Equal(ResponseHeadStep.Final, _heads.Read(ref data, _response, _request, requestDone: true, new HttpLimits(), _loop));
        Assert.Equal("hi", Encoding.Latin1.GetString(data));
    }

    [Fact]
    public void Interim_responses_without_end_are_an_error()
    {
        string told = Read(string.Concat(Enumerable.Repeat(Hints, 17)), 1000);

        Assert.EndsWith("Interim 103, Error", told, StringComparison.Ordinal);
        Assert.Equal(16, told.Split("Interim").Length - 1);
        Assert.Equal(ResponseErrors.Informational, _heads.Error);
    }

    [Fact]
    public void It_has_begun_with_its_first_byte_and_not_before()
    {
        Assert.False(_heads.HasBegun);

        _ = Read("H", 1);
        Assert.True(_heads.HasBegun);

        _heads.GiveBack(_loop);
        _heads.Begin();
        Assert.False(_heads.HasBegun);

        _ = Read(Hints, 1000);
        Assert.True(_heads.HasBegun);
    }

    [Fact]
    public void Heads_of_two_connections_may_come_in_turns()
    {
        var other = new ResponseHead();
        var heads = new ResponseHeads();
        heads.Begin();
        _ = Read("HTTP/1.1 201 Created\r\na: b\r", 1000);
        ReadOnlySpan<byte> data = "HTTP/1.1 404 Not Found\r\nc: d\r\n\r\n"u8;

        Assert.Equal(ResponseHeadStep.Final, heads.Read(ref data, other, _request, requestDone: true, new HttpLimits(), _loop));
        Assert.Equal("Final 201", Read("\n\r\n", 1000));
        Assert.Equal(404, other.Status);
        Assert.Equal("a: b\n", MessageReader.FieldsOf(_response.Fields));
        Assert.Equal("c: d\n", MessageReader.FieldsOf(other.Fields));
    }

    /// <summary>What was found, step by step, in pieces of so many bytes.</summary>
    private string Read(string text, int size)
    {
        var told = new List<string>();
        foreach (char[] piece in text.Chunk(size))
        {
            ReadOnlySpan<byte> data = Encoding.Latin1.GetBytes(piece);
            while (!data.IsEmpty)
            {
                var step = _heads.Read(ref data, _response, _request, _requestDone, new HttpLimits(), _loop);
                if (step == ResponseHeadStep.Error)
                {
                    told.Add("Error");
                    return string.Join(", ", told);
                }

                if (step != ResponseHeadStep.NeedMore)
                {
                    told.Add($"{step} {_response.Status}");
                }
            }
        }

        return string.Join(", ", told);
    }
}
