using Outrider.Proxy.Streams.Paths;

namespace Outrider.Tests.Proxying.Parts;

/// <summary>What of a message is here while filters look at it.</summary>
public sealed class MessageStateTests
{
    [Fact]
    public void What_is_collected_becomes_a_piece()
    {
        var state = new MessageState { Collector = 1 };
        state.Piece.Append("ab"u8);
        state.CollectPiece();
        state.Piece.Append("c"u8);
        state.CollectPiece();

        Assert.True(state.IsCollecting && state.HasWhole && state.Piece.IsEmpty);
        state.EndCollecting(1);
        state.MakePieceOfWhole();
        Assert.False(state.IsCollecting);
        Assert.True(state.HasCollected);
        Assert.Equal("abc"u8.ToArray(), state.Piece.Span.ToArray());
        Assert.False(state.HasWhole);
    }

    [Fact]
    public void What_a_filter_adds_at_the_trailers_becomes_a_piece()
    {
        var state = new MessageState { HasTrailers = true };
        Assert.False(state.HasAdded);
        state.Added.Append("z"u8);
        Assert.True(state.HasAdded);
        state.MakePieceOfAdded();

        Assert.False(state.HasAdded);
        Assert.Equal("z"u8.ToArray(), state.Piece.Span.ToArray());
    }

    [Fact]
    public void A_head_is_alone_without_body_and_trailers()
    {
        var state = new MessageState();
        Assert.False(state.IsHeadAlone);
        state.HasEnded = true;
        Assert.True(state.IsHeadAlone);
        state.Whole.Append("x"u8);
        Assert.False(state.IsHeadAlone);
        state.Release();
        state.HasTrailers = true;
        Assert.False(state.IsHeadAlone);
        state.Reset();
        Assert.False(state.HasEnded || state.HasTrailers || state.IsCollecting || state.HasCollected);
    }
}
