extern alias guest;

using guest::Outrider.Envoy.Links;
using guest::Outrider.Envoy.Streams;
using Outrider.Filters;
using Outrider.Hosting.Driving;
using Outrider.Modules.Abi;

namespace Outrider.Tests.Envoy.Guest;

/// <summary>What a module lets go on agrees with what its head says.</summary>
public sealed class MessageFramingTests
{
    [Fact]
    public void A_body_that_nobody_changed_is_not_counted()
    {
        var side = new Side(200, "8");
        var framing = new MessageFraming(side);
        framing.OnHead(endStream: false);
        framing.PassHead();

        Assert.False(framing.IsWatched);
        Assert.True(framing.Pass(3, modified: false, atEnd: true));
    }

    [Theory]
    [InlineData(8, true)]
    [InlineData(9, false)]
    [InlineData(7, false)]
    public void A_body_that_was_changed_has_to_keep_the_length_that_is_announced(int length, bool kept)
    {
        var framing = new MessageFraming(new Side(200, "8"));
        framing.OnHead(endStream: false);
        framing.PassHead();

        Assert.Equal(kept, framing.Pass(length, modified: true, atEnd: true));
        if (!kept)
        {
            Assert.Contains("content-length says 8 bytes", framing.Failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_body_without_a_length_may_become_any()
    {
        var framing = new MessageFraming(new Side(200, null));
        framing.OnHead(endStream: false);
        framing.PassHead();

        Assert.True(framing.Pass(100, modified: true, atEnd: true));
    }

    [Theory]
    [InlineData(204, null)]
    [InlineData(205, "0")]
    [InlineData(304, "8")]
    public void A_status_without_a_body_drops_it_and_says_so(int status, string? announced)
    {
        var side = new Side(status, "8");
        var framing = new MessageFraming(side);
        framing.OnHead(endStream: false);
        framing.PassHead();

        Assert.True(framing.DropsBody);
        Assert.Equal(announced, side.Head.GetString("content-length"u8));
    }

    [Fact]
    public void Of_a_304_without_a_length_Envoy_is_told_that_nothing_follows()
    {
        var side = new Side(304, null);
        var framing = new MessageFraming(side);
        framing.OnHead(endStream: false);
        framing.PassHead();

        Assert.Equal("0", side.Head.GetString("content-length"u8));
    }

    [Theory]
    [InlineData(204, true)]
    [InlineData(304, true)]
    [InlineData(200, true)]
    [InlineData(200, false)]
    public void What_a_filter_has_not_made_another_kind_of_message_goes_on_as_it_came(int status, bool endStream)
    {
        var side = new Side(status, "8", isAsItCame: true);
        var framing = new MessageFraming(side);
        framing.OnHead(endStream);
        framing.PassHead();

        Assert.False(framing.DropsBody);
        Assert.Equal("8", side.Head.GetString("content-length"u8));
    }

    [Fact]
    public void A_body_that_came_where_none_may_be_is_dropped_though_the_filter_has_changed_nothing()
    {
        var side = new Side(205, "8", isAsItCame: true);
        var framing = new MessageFraming(side);
        framing.OnHead(endStream: false);
        framing.PassHead();

        Assert.True(framing.DropsBody);
        Assert.Equal("0", side.Head.GetString("content-length"u8));
    }

    [Fact]
    public void The_next_message_begins_anew()
    {
        var framing = new MessageFraming(new Side(204, null));
        framing.OnHead(endStream: true);
        framing.PassHead();
        framing.Reset();

        Assert.False(framing.DropsBody);
        Assert.False(framing.IsHeadOnly);
        Assert.False(framing.IsWatched);
    }

    /// <summary>A response whose head is here and not Envoy's.</summary>
    private sealed class Side : MessageSide
    {
        private readonly ReplyHeaders _head;

        internal Side(int status, string? length, bool isAsItCame = false) : base(new EnvoyLink("f"))
        {
            _head = new ReplyHeaders(status, length is null ? [] : [new("content-length", length)]);
            IsAsItCame = isAsItCame;
        }

        internal override bool IsAsItCame { get; }

        internal override bool MayCarryBody => Content.IsAllowed;

        internal override bool IsResponse => true;

        internal override HeaderMap Head => _head;

        internal override bool LengthIsGiven => false;

        internal override bool CanCollect => true;

        internal override ResponseContent Content => ResponseContent.Of(_head.Status, isHead: false);

        internal override bool NeedsLength => _head.Status == 304;

        internal override HeaderMapKind TrailersKind => HeaderMapKind.ResponseTrailers;

        internal override bool MayEndOtherwise(StreamFilterMethods methods) => false;

        internal override StreamFilterMethods MethodOf(FilterWork work) => default;

        internal override void Continue()
        {
        }

        internal override (int Status, string Text) TooLarge() => (502, "");

        internal override ValueTask<FilterAction> CallHeaders(StreamFilter filter, bool endStream) => FilterAction.Continue;

        internal override ValueTask<FilterAction> CallWhole(StreamFilter filter, BodyBuffer body, HeaderMap? trailers) => FilterAction.Continue;

        internal override ValueTask<FilterAction> CallData(StreamFilter filter, BodyBuffer data, bool endStream) => FilterAction.Continue;

        internal override ValueTask<FilterAction> CallTrailers(StreamFilter filter, HeaderMap trailers, BodyBuffer body) => FilterAction.Continue;

        internal override void Reset()
        {
        }
    }
}
