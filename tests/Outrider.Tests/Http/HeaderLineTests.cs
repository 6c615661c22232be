using System.Text;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.V1.Parsing;

namespace Outrider.Tests.Http;

/// <summary>Fields that pass as they came, which are copied as lines, and the names that the proxy itself looks at.</summary>
public sealed class HeaderLineTests
{
    [Fact]
    public void What_lies_one_behind_the_other_as_it_is_written_is_one_piece()
    {
        var fields = Parse("Host: a\r\nAccept: */*\r\nUser-Agent: x y\r\nEmpty: \r\nContent-Length: 3\r\nCookie: a=b\r\n").Fields;

        Assert.Equal("Accept: */*\r\nUser-Agent: x y\r\nEmpty: \r\n", Lines(fields, 0, out int count));
        Assert.Equal(3, count);
        Assert.Equal("", Lines(fields, 3, out count));
        Assert.Equal(0, count);
        Assert.Equal("Cookie: a=b\r\n", Lines(fields, 4, out count));
        Assert.Equal(1, count);
        Assert.Equal("", Lines(fields, 5, out _));
    }

    [Theory]
    [InlineData("A:b")]
    [InlineData("A:  b")]
    [InlineData("A:\tb")]
    [InlineData("A: b ")]
    [InlineData("A: b\t")]
    public void What_came_otherwise_than_it_is_written_is_no_line(string line)
    {
        var fields = Parse("Host: a\r\n" + line + "\r\nB: c\r\n").Fields;

        Assert.Equal("", Lines(fields, 0, out int count));
        Assert.Equal(0, count);
        Assert.Equal("B: c\r\n", Lines(fields, 1, out _));
        Assert.True(fields.NameAt(0).SequenceEqual("A"u8) && fields.ValueAt(0).SequenceEqual("b"u8));
    }

    [Fact]
    public void A_field_that_was_changed_or_taken_out_is_not_in_what_goes_out()
    {
        var fields = Parse("Host: a\r\nOne: 12345\r\nTwo: 2\r\nThree: 3\r\n").Fields;
        fields.RemoveAt(1);
        Assert.Equal("One: 12345\r\n", Lines(fields, 0, out _));

        fields.SetValueAt(0, "123"u8);
        Assert.Equal("", Lines(fields, 0, out _));

        fields.SetValueAt(0, "1234567890"u8);
        Assert.Equal("", Lines(fields, 0, out _));
        Assert.Equal("Three: 3\r\n", Lines(fields, 1, out _));
    }

    [Fact]
    public void Fields_that_are_added_as_lines_go_out_as_one_piece()
    {
        var fields = new HeaderBlock();
        fields.Add("plain"u8, "1"u8);
        fields.AddLine("x-forwarded-for"u8, "192.0.2.1"u8, KnownHeader.XForwardedFor);
        fields.AddLine("x-forwarded-proto"u8, "https"u8, KnownHeader.XForwardedProto);

        Assert.Equal("", Lines(fields, 0, out _));
        Assert.Equal("x-forwarded-for: 192.0.2.1\r\nx-forwarded-proto: https\r\n", Lines(fields, 1, out int count));
        Assert.Equal(2, count);
        Assert.Equal(1, fields.IndexOf(KnownHeader.XForwardedFor));
        Assert.True(fields.ValueAt(2).SequenceEqual("https"u8));
    }

    [Fact]
    public void The_request_line_goes_out_as_it_came_unless_something_of_it_is_another()
    {
        var head = Parse("Host: a\r\n", "GET /a?b HTTP/1.1");
        Assert.Equal("GET /a?b HTTP/1.1\r\n", Encoding.Latin1.GetString(head.Line));

        head.SetTarget("/other"u8);
        Assert.True(head.Line.IsEmpty);
        Assert.True(Parse("Host: a\r\n", "GET /a HTTP/1.0").Line.IsEmpty);
        Assert.True(Parse("Host: a\r\n", "GET http://a/b HTTP/1.1").Line.IsEmpty);
        head = Parse("Host: a\r\n", "GET /a HTTP/1.1");
        head.SetMethod("PUT"u8);
        Assert.True(head.Line.IsEmpty);
        head.Clear();
        Assert.True(head.Line.IsEmpty);
    }

    [Fact]
    public void A_name_is_known_in_any_case_of_its_letters_and_in_no_other_form()
    {
        string[] names =
        [
            "te", "host", "date", "expect", "upgrade", "trailer", "connection", "keep-alive", "x-request-id", "grpc-timeout", "content-length", "http2-settings",
            "x-forwarded-for", "proxy-connection", "transfer-encoding", "x-forwarded-proto", "x-mosn-try-timeout", "x-mosn-global-timeout",
        ];
        Assert.Equal(Enum.GetValues<KnownHeader>().Length - 1, names.Length);
        foreach (string name in names)
        {
            var known = KnownHeaders.Identify(Encoding.Latin1.GetBytes(name));
            Assert.NotEqual(KnownHeader.Other, known);
            Assert.Equal(known, KnownHeaders.Identify(Encoding.Latin1.GetBytes(name.ToUpperInvariant())));
            for (int i = 0; i < name.Length; i++)
            {
                for (int b = 0; b < 256; b++)
                {
                    byte[] other = Encoding.Latin1.GetBytes(name);
                    other[i] = (byte)b;
                    bool same = b == name[i] || (char.IsAsciiLetter(name[i]) && b == char.ToUpperInvariant(name[i]));
                    Assert.Equal(same ? known : KnownHeader.Other, KnownHeaders.Identify(other));
                }
            }
        }
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("007", 7)]
    [InlineData("999999999999999999", 999_999_999_999_999_999)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("9223372036854775808", -1)]
    [InlineData("00000000000000000001", -1)]
    [InlineData("", -1)]
    [InlineData("1 ", -1)]
    [InlineData("+1", -1)]
    [InlineData("1x", -1)]
    public void A_length_is_one_number_that_fits(string text, long wanted)
    {
        bool isLength = FieldRules.TryParseContentLength(Encoding.Latin1.GetBytes(text), out long length);

        Assert.Equal(wanted >= 0, isLength);
        Assert.Equal(Math.Max(0, wanted), length);
    }

    [Theory]
    [InlineData("a:", true)]
    [InlineData("a:0", true)]
    [InlineData("a:65535", true)]
    [InlineData("a:65536", false)]
    [InlineData("a:000080", false)]
    [InlineData("a:8o", false)]
    [InlineData("a:80:80", false)]
    [InlineData("a%41:80", true)]
    [InlineData("a%4:80", false)]
    [InlineData("a%41", true)]
    [InlineData(":80", false)]
    [InlineData("a@b:80", false)]
    [InlineData("a b", false)]
    [InlineData("[::1]:80", true)]
    [InlineData("[::1]80", false)]
    [InlineData("[::1]", true)]
    public void An_authority_has_a_port_or_none(string text, bool isAuthority)
        => Assert.Equal(isAuthority, RequestTargets.IsAuthority(Encoding.Latin1.GetBytes(text)));

    private static RequestHead Parse(string fields, string line = "GET / HTTP/1.1")
    {
        var head = new RequestHead();
        var parser = new RequestHeadParser();
        parser.Begin(head, new HttpLimits());
        ReadOnlySpan<byte> bytes = Encoding.Latin1.GetBytes(line + "\r\n" + fields + "\r\n");
        Assert.Equal(ParseStatus.Done, parser.Parse(ref bytes));
        return head;
    }

    private static string Lines(HeaderBlock fields, int index, out int count) => Encoding.Latin1.GetString(fields.LinesAt(index, out count));
}
