using System.Buffers;
using Outrider.Http.V2.FlowControl;
using Outrider.Http.V2.Sending;

namespace Outrider.Tests.Http.V2;

/// <summary>What a stream has yet to send, and what it holds of what came.</summary>
public sealed class StreamFlowTests
{
    [Fact]
    public void An_end_that_was_asked_for_waits_until_it_is_sent()
    {
        var flow = new Outflow(10);
        Assert.False(flow.HasWaiting);

        flow.Wait("abc"u8, endStream: false);
        Assert.True(flow.HasWaiting);
        Assert.False(flow.EndsWith(3));

        flow.Wait("de"u8, endStream: true);
        Assert.False(flow.EndsWith(3));
        Assert.True(flow.EndsWith(5));
        Assert.Equal("abcde", System.Text.Encoding.ASCII.GetString(flow.Waiting));

        flow.Take(5);
        Assert.True(flow.IsEmpty);
        Assert.True(flow.HasWaiting);

        flow.MarkEnded();
        Assert.False(flow.HasWaiting);
    }

    [Fact]
    public void With_trailers_no_data_ends_the_stream()
    {
        var flow = new Outflow(10);
        flow.Wait("abc"u8, endStream: false);
        byte[] block = ArrayPool<byte>.Shared.Rent(16);
        "trailers"u8.CopyTo(block);
        flow.EndWithTrailers(block, 8);

        Assert.True(flow.EndIsAsked);
        Assert.False(flow.EndsWith(3));
        Assert.True(flow.HasTrailers);
        Assert.Equal("trailers", System.Text.Encoding.ASCII.GetString(flow.Trailers));

        flow.Drop();
        Assert.False(flow.HasTrailers);
        Assert.True(flow.IsEmpty);
    }

    [Theory]
    [InlineData(-1, new[] { 5, 5 }, true, true)]
    [InlineData(10, new[] { 5, 5 }, true, true)]
    [InlineData(10, new[] { 5, 4 }, true, false)]
    [InlineData(10, new[] { 5, 4 }, false, true)]
    [InlineData(10, new[] { 5, 6 }, false, false)]
    [InlineData(0, new[] { 0 }, true, true)]
    public void A_body_keeps_to_what_was_announced(long announced, int[] pieces, bool ends, bool isGood)
    {
        var flow = new Inflow(100) { Announced = announced };
        bool good = true;
        for (int i = 0; i < pieces.Length; i++)
        {
            good = flow.Count(pieces[i], ends && i == pieces.Length - 1);
        }

        Assert.Equal(isGood, good);
    }

    [Fact]
    public void What_is_held_is_taken_out_once_and_room_comes_back_when_it_is_taken()
    {
        var flow = new Inflow(100);
        Assert.True(flow.Arrive(60));
        flow.Hold(new byte[60]);
        Assert.False(flow.IsEmpty);
        Assert.False(flow.Arrive(41));

        var held = flow.TakeHeld();
        Assert.Equal(60, held.Length);
        Assert.True(flow.IsEmpty);
        Assert.Equal(60, flow.Credit(60));
        held.Drop();

        flow.Hold(new byte[7]);
        Assert.Equal(7, flow.Drop());
        Assert.Equal(0, flow.Drop());
    }
}
