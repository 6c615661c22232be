using System.Text;
using Outrider.Filters;

namespace Outrider.Tests.Filters;

/// <summary>What may be in a field's name and value, at every length and place: long texts are looked at many bytes at a time.</summary>
public sealed class HeaderSyntaxTests
{
    private const string TokenMarks = "!#$%&'*+-.^_`|~";

    [Fact]
    public void A_token_is_made_of_letters_digits_and_the_marks_of_the_RFC_wherever_they_stand()
        => Everywhere((text, b) => Assert.Equal(char.IsAsciiLetterOrDigit((char)b) || TokenMarks.Contains((char)b, StringComparison.Ordinal), HeaderSyntax.IsToken(text)));

    [Fact]
    public void A_value_has_no_control_character_but_the_tab_wherever_it_stands()
        => Everywhere((text, b) => Assert.Equal(b is (byte)'\t' or (>= 32 and not 127), HeaderSyntax.IsValue(text)));

    [Fact]
    public void An_empty_name_is_no_token_and_an_empty_value_is_a_value()
    {
        Assert.False(HeaderSyntax.IsToken([]));
        Assert.True(HeaderSyntax.IsValue([]));
        Assert.Throws<ArgumentException>(() => HeaderSyntax.ThrowIfInvalid([], "v"u8));
    }

    [Theory]
    [InlineData("x", "")]
    [InlineData("x-long-name-of-a-field", "value")]
    [InlineData("weird!name", "\tcaf\u00e9")]
    public void A_field_that_may_be_is_let_through(string name, string value) => HeaderSyntax.ThrowIfInvalid(name, value);

    [Theory]
    [InlineData("x y", "v", "is not a header name")]
    [InlineData("x-long-name-of-a-field:", "v", "is not a header name")]
    [InlineData("weird!name", "a value that is long enough\r\nand has two lines", "holds a control character")]
    [InlineData("x-name", "v\n", "holds a control character")]
    public void A_field_that_may_not_be_is_refused_with_what_is_wrong(string name, string value, string reason)
        => Assert.Contains(reason, Assert.Throws<ArgumentException>(() => HeaderSyntax.ThrowIfInvalid(name, value)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("te")]
    [InlineData("upgrade")]
    [InlineData("connection")]
    [InlineData("keep-alive")]
    [InlineData("http2-settings")]
    [InlineData("proxy-connection")]
    [InlineData("transfer-encoding")]
    public void What_is_the_connections_is_so_in_any_case_and_nothing_beside_it(string name)
    {
        Assert.True(HeaderSyntax.IsConnections(Encoding.Latin1.GetBytes(name)));
        Assert.True(HeaderSyntax.IsConnections(Encoding.Latin1.GetBytes(name.ToUpperInvariant())));
        for (int i = 0; i < name.Length; i++)
        {
            byte[] other = Encoding.Latin1.GetBytes(name);
            other[i] = (byte)(other[i] == 'q' ? 'z' : 'q');
            Assert.False(HeaderSyntax.IsConnections(other));
            Assert.False(HeaderSyntax.IsConnections(other.AsSpan(..i)));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("content-length")]
    [InlineData("x-request-side")]
    [InlineData("content-security-policy")]
    public void Other_fields_are_not_the_connections(string name) => Assert.False(HeaderSyntax.IsConnections(Encoding.Latin1.GetBytes(name)));

    private static void Everywhere(Action<byte[], byte> look)
    {
        for (int length = 1; length <= 40; length++)
        {
            byte[] text = new byte[length];
            text.AsSpan().Fill((byte)'a');
            for (int place = 0; place < length; place++)
            {
                for (int b = 0; b < 256; b++)
                {
                    text[place] = (byte)b;
                    look(text, (byte)b);
                }

                text[place] = (byte)'a';
            }
        }
    }
}
