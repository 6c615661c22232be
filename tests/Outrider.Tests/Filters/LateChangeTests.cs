using Outrider.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Filters;

/// <summary>A change that nobody would see is refused, and what was kept of a body goes out before the trailers.</summary>
public sealed class LateChangeTests
{
    [Theory]
    [InlineData(Pace.AtOnce)]
    [InlineData(Pace.Yielding)]
    public async Task A_response_s_head_that_has_gone_out_cannot_be_changed(Pace pace)
    {
        var failures = new List<string>();
        var script = new Script
        {
            Pace = pace,
            EncodeData = (filter, _, _) =>
            {
                var headers = filter.Context.ResponseHeaders!;
                failures.Add(headers.GetString("x-up") ?? "");
                failures.Add(Fails(() => headers.Set("x-late", "1")));
                failures.Add(Fails(() => headers.Append("x-late", "1")));
                failures.Add(Fails(() => headers.Remove("x-up")));
                failures.Add(Fails(() => headers.Status = 418));
                return FilterAction.Continue;
            },
        };
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\nx-up: 1\r\ncontent-length: 2\r\n\r\nhi");
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [script]);

        string response = await proxy.SendAsync(Get);

        Assert.StartsWith("HTTP/1.1 200 ", response, StringComparison.Ordinal);
        Assert.Contains("x-up: 1", response, StringComparison.Ordinal);
        Assert.Equal("hi", BodyOf(response));
        const string Invalid = nameof(InvalidOperationException);
        Assert.Equal(["1", Invalid, Invalid, Invalid, Invalid], failures);
    }

    [Fact]
    public async Task The_head_of_a_response_that_is_collected_can_be_changed_until_it_goes_out()
    {
        var script = new Script
        {
            EncodeResponse = (_, headers, _, _) =>
            {
                headers.Set("x-late", "1");
                return FilterAction.Continue;
            },
        };
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi");
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [script]);

        Assert.Contains("x-late: 1", await proxy.SendAsync(Get), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_s_head_that_has_gone_out_cannot_be_changed()
    {
        string failure = "";
        var script = new Script
        {
            EncodeHeaders = (filter, _, _) =>
            {
                failure = Fails(() => filter.Context.RequestHeaders.Set("x-late", "1"));
                return FilterAction.Continue;
            },
        };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [script]);
        await proxy.SendAsync(Get);

        Assert.Equal(nameof(InvalidOperationException), failure);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task What_a_filter_kept_of_a_body_goes_on_before_the_trailers(bool waits, bool collected)
    {
        string[] bodies = new string[2];
        var keeper = new StreamFilterFactory<Keeper>(() => new Keeper(waits));
        var collector = new Script
        {
            DecodeRequest = (_, _, body, trailers) => Note(0, body, trailers),
            EncodeResponse = (_, _, body, trailers) => Note(1, body, trailers),
        };
        FilterAction Note(int at, BodyBuffer body, HeaderMap? trailers)
        {
            bodies[at] = body.ToString() + trailers?.GetString("x-t");
            return FilterAction.Continue;
        }

        using var upstream = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 })
            {
                await connection.SendAsync("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\nhello \r\n8\r\ntrailers\r\n0\r\nx-t: 1\r\n\r\n");
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], collected ? [keeper, collector] : [keeper]);

        string response = await proxy.SendAsync(PostChunkedWith("x-t: 2\r\n", "hello ", "requests"));

        Assert.Equal("hello trailers", Dechunk(BodyOf(response)));
        Assert.EndsWith("0\r\nx-t: 1\r\n\r\n", response, StringComparison.Ordinal);
        Assert.Equal("hello requests", Dechunk(BodyOf(upstream.Received)));
        Assert.EndsWith("0\r\nx-t: 2\r\n\r\n", upstream.Received, StringComparison.Ordinal);
        if (collected)
        {
            Assert.Equal(["hello requests2", "hello trailers1"], bodies);
        }
    }

    private static string Fails(Action change)
    {
        try
        {
            change();
            return "";
        }
        catch (Exception e)
        {
            return e.GetType().Name;
        }
    }

    // Lets go of each byte only when the one after it has come.
    private sealed class Keeper(bool waits) : StreamFilter
    {
        private byte[] _kept = [];

        public override ValueTask<FilterAction> DecodeDataAsync(BodyBuffer data, bool endStream) => Pass(data, endStream);

        public override ValueTask<FilterAction> EncodeDataAsync(BodyBuffer data, bool endStream) => Pass(data, endStream);

        public override ValueTask<FilterAction> DecodeTrailersAsync(HeaderMap trailers, BodyBuffer body) => LetGoAsync(body);

        public override ValueTask<FilterAction> EncodeTrailersAsync(HeaderMap trailers, BodyBuffer body) => LetGoAsync(body);

        private FilterAction Pass(BodyBuffer data, bool endStream)
        {
            byte[] all = [.. _kept, .. data.ToArray()];
            _kept = endStream ? [] : all[^Math.Min(1, all.Length)..];
            data.Replace(all.AsSpan(0, all.Length - _kept.Length));
            return FilterAction.Continue;
        }

        private async ValueTask<FilterAction> LetGoAsync(BodyBuffer body)
        {
            if (waits)
            {
                await Task.Yield();
            }

            Assert.True(body.IsEmpty);
            body.Append(_kept);
            _kept = [];
            return FilterAction.Continue;
        }
    }
}
