using System.Text;
using Outrider.Http.V2;
using Outrider.Http.V2.Hpack;

namespace Outrider.Tests.Http.V2;

/// <summary>Header compression against the examples of RFC 7541, appendix C, and against what a hostile peer would send.</summary>
public sealed class HpackTests
{
    [Fact]
    public void Requests_with_plain_strings_are_read_as_in_C_3()
    {
        var decoder = new HpackDecoder();

        Assert.Equal(":method: GET|:scheme: http|:path: /|:authority: www.example.com", Read(decoder, "828684410f7777772e6578616d706c652e636f6d"));
        Assert.Equal(":method: GET|:scheme: http|:path: /|:authority: www.example.com|cache-control: no-cache", Read(decoder, "828684be58086e6f2d6361636865"));
        Assert.Equal(
            ":method: GET|:scheme: https|:path: /index.html|:authority: www.example.com|custom-key: custom-value",
            Read(decoder, "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565"));
    }

    [Fact]
    public void Requests_with_coded_strings_are_read_as_in_C_4()
    {
        var decoder = new HpackDecoder();

        Assert.Equal(":method: GET|:scheme: http|:path: /|:authority: www.example.com", Read(decoder, "828684418cf1e3c2e5f23a6ba0ab90f4ff"));
        Assert.Equal(":method: GET|:scheme: http|:path: /|:authority: www.example.com|cache-control: no-cache", Read(decoder, "828684be5886a8eb10649cbf"));
        Assert.Equal(
            ":method: GET|:scheme: https|:path: /index.html|:authority: www.example.com|custom-key: custom-value",
            Read(decoder, "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"));
    }

    [Fact]
    public void Responses_push_older_fields_out_of_a_small_table_as_in_C_6()
    {
        var decoder = new HpackDecoder();
        const string date1 = "Mon, 21 Oct 2013 20:13:21 GMT", date2 = "Mon, 21 Oct 2013 20:13:22 GMT";

        // The example's table has 256 bytes, which a peer says at the beginning of a block.
        Assert.Equal(
            $":status: 302|cache-control: private|date: {date1}|location: https://www.example.com",
            Read(decoder, "3fe101" + "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3"));
        Assert.Equal($":status: 307|cache-control: private|date: {date1}|location: https://www.example.com", Read(decoder, "4883640effc1c0bf"));
        Assert.Equal(
            $":status: 200|cache-control: private|date: {date2}|location: https://www.example.com|content-encoding: gzip|"
                + "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
            Read(decoder, "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007"));
    }

    [Fact]
    public void What_the_encoder_writes_the_decoder_reads()
    {
        byte[] block = new byte[4096];
        int length = HpackEncoder.WriteIndexed(block, StaticTable.MethodPost);
        length += HpackEncoder.Write(block.AsSpan(length), StaticTable.Path, "/proto.Plugin/Call"u8);
        length += HpackEncoder.Write(block.AsSpan(length), "Content-Type"u8, "application/grpc"u8);
        length += HpackEncoder.Write(block.AsSpan(length), "X-Long"u8, Encoding.ASCII.GetBytes(new string('v', 2000)));
        length += HpackEncoder.Write(block.AsSpan(length), "x-empty"u8, ""u8);

        Assert.Equal(
            $":method: POST|:path: /proto.Plugin/Call|content-type: application/grpc|x-long: {new string('v', 2000)}|x-empty: ",
            Read(new HpackDecoder(), Convert.ToHexString(block, 0, length)));
    }

    [Theory]
    [InlineData("80", "index 0")]
    [InlineData("be", "a dynamic field that nobody added")]
    [InlineData("ffffffffff0f", "an index beyond all numbers")]
    [InlineData("7f", "an index that is cut off")]
    [InlineData("000a6162", "a name that is cut off")]
    [InlineData("0001610562", "a value that is cut off")]
    [InlineData("000161", "no value")]
    [InlineData("00016181", "a coded value that is cut off")]
    [InlineData("0001618207ff", "padding of a whole byte")]
    [InlineData("0001618100", "padding that is not all ones")]
    [InlineData("00016184ffffffff", "the end of a string within it")]
    [InlineData("3fe21f", "a table larger than agreed")]
    [InlineData("8220", "a table's size after a field")]
    public void A_broken_block_is_refused(string block, string because)
    {
        var e = Assert.Throws<Http2Exception>(() => Read(new HpackDecoder(), block));

        Assert.True(e.Code == Http2Error.Compression, because);
    }

    [Fact]
    public void Random_bytes_never_do_harm()
    {
        var random = new Random(7541);
        byte[] block = new byte[200];
        for (int i = 0; i < 20_000; i++)
        {
            var decoder = new HpackDecoder();
            for (int blocks = 0; blocks < 3; blocks++)
            {
                random.NextBytes(block);
                try
                {
                    _ = Read(decoder, Convert.ToHexString(block, 0, random.Next(block.Length)));
                }
                catch (Http2Exception)
                {
                    break;
                }
            }
        }
    }

    [Fact]
    public void A_field_larger_than_the_table_empties_it()
    {
        var decoder = new HpackDecoder();
        Assert.Equal("a: b", Read(decoder, "4001610162"));
        Assert.Equal("a: b", Read(decoder, "be"));

        Assert.Equal("a: " + new string('x', 4100), Read(decoder, "400161" + "7f851f" + Convert.ToHexString(Encoding.ASCII.GetBytes(new string('x', 4100)))));

        Assert.Throws<Http2Exception>(() => Read(decoder, "be"));
    }

    private static string Read(HpackDecoder decoder, string hex)
    {
        ReadOnlySpan<byte> block = Convert.FromHexString(hex);
        var fields = new List<string>();
        decoder.Begin();
        while (decoder.Read(ref block, out var name, out var value))
        {
            fields.Add($"{Encoding.Latin1.GetString(name)}: {Encoding.Latin1.GetString(value)}");
        }

        return string.Join('|', fields);
    }
}
