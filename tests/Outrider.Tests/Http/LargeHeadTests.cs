using System.Text;
using Outrider.Http.Headers;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Http;

public sealed class LargeHeadTests
{
    [Theory]
    [InlineData(20 * 1024)]
    [InlineData(60 * 1024)]
    [InlineData(120 * 1024)]
    public void Large_heads_one_after_the_other_allocate_nothing(int size)
    {
        var block = new HeaderBlock();
        byte[] piece = Enumerable.Repeat((byte)'x', 1000).ToArray();
        Allocation.AssertNone(() =>
        {
            block.Clear();
            for (int length = 0; length < size; length += piece.Length)
            {
                block.Add("cookie"u8, piece);
            }
        });
    }

    [Fact]
    public void What_a_block_held_before_and_after_a_large_head_is_right()
    {
        var one = new HeaderBlock();
        var other = new HeaderBlock();
        for (int i = 0; i < 50; i++)
        {
            string large = new((char)('a' + i % 26), 10_000 + 3_000 * (i % 30));
            one.Clear();
            one.Add("a"u8, "1"u8);
            one.AddText("large", large);
            other.Clear();
            other.AddText("large", "other " + large);
            one.AddText("last", "é");

            Assert.Equal("1", Encoding.UTF8.GetString(one.ValueAt(0)));
            Assert.Equal(large, Encoding.UTF8.GetString(one.ValueAt(1)));
            Assert.Equal("é", Encoding.Latin1.GetString(one.ValueAt(2)));
            Assert.Equal("other " + large, Encoding.UTF8.GetString(other.ValueAt(0)));
        }
    }
}
