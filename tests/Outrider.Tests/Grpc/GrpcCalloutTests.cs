using System.Text;
using Outrider.Filters;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;
using Outrider.Tests.Plugins;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Grpc;

/// <summary>Calls of gRPC that a filter makes itself, to gRPC's own server.</summary>
public sealed class GrpcCalloutTests
{
    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public async Task A_filter_calls_a_service_whatever_the_listener_speaks_to_upstreams()
    {
        using var peer = await GrpcPeer.StartAsync();
        await using var proxy = await StartAsync(peer.Address);

        Assert.Equal("0 '' hello", await SaidAsync(proxy, "Echo", "hello"));
        Assert.Equal("0 '' " + new string('a', 100_000), await SaidAsync(proxy, "Echo", new string('a', 100_000)));
        Assert.Equal("0 '' ", await SaidAsync(proxy, "Echo", ""));
        Assert.Equal("5 'not nö 100%' ", await SaidAsync(proxy, "Fail", "NOT_FOUND not nö 100%"));
        Assert.Equal("12 'Method not found!' ", await SaidAsync(proxy, "Nothing", "x"));
        Assert.Equal(0, proxy.Stats.FilterErrors);
    }

    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public async Task A_call_that_is_not_answered_in_time_is_given_up_and_cancelled()
    {
        using var peer = await GrpcPeer.StartAsync();
        await using var proxy = await StartAsync(peer.Address, TimeSpan.FromSeconds(4));

        string said = await SaidAsync(proxy, "Wait", "");
        Assert.True(said.Contains("no whole answer in time", StringComparison.Ordinal) || said.StartsWith("4 ", StringComparison.Ordinal), said);
        await Eventually.HoldsAsync(() => peer.Cancelled == 1);
    }

    [Fact]
    public async Task What_is_no_answer_of_gRPC_is_an_error_that_says_so()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno");
        await using var proxy = await StartAsync(upstream.Address);
        Assert.StartsWith("cluster 'up'", await SaidAsync(proxy, "Echo", "a"), StringComparison.Ordinal);
    }

    private static Task<TestProxy> StartAsync(string upstream, TimeSpan? timeout = null)
        => TestProxy.StartAsync([upstream], [new StreamFilterFactory<CallFilter>(() => new CallFilter(timeout ?? Eventually.Patience))]);

    private static async Task<string> SaidAsync(TestProxy proxy, string method, string message)
    {
        string answer = await proxy.SendAsync(Post(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(message)), "/test.Peer/" + method));
        return Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(BodyOf(answer)));
    }

    private sealed class CallFilter(TimeSpan timeout) : StreamFilter
    {
        public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream) => FilterAction.WaitAllData;

        public override async ValueTask<FilterAction> DecodeRequestAsync(RequestHeaders headers, BodyBuffer body, HeaderMap? trailers)
        {
            try
            {
                var answer = await new GrpcCallout("up", headers.PathString, body.ToArray()) { Timeout = timeout }.With("x-more", "1").SendAsync(Stream);
                return Reply(200, $"{answer.Status} '{answer.StatusText}' {Encoding.UTF8.GetString(answer.Message.Span)}");
            }
            catch (CalloutException e)
            {
                return Reply(200, e.Message);
            }
        }
    }
}
