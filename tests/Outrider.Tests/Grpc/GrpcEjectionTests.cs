using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Outrider.Http.Grpc;
using Outrider.Tests.Harness;
using Outrider.Tests.Plugins;

namespace Outrider.Tests.Grpc;

/// <summary>Calls that fail by their own status, with HTTP's 200, count against their host.</summary>
public sealed class GrpcEjectionTests
{
    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public async Task A_host_is_ejected_for_the_statuses_that_are_its_fault()
    {
        await FailAsync("UNAVAILABLE", isFault: true);
        await FailAsync("INTERNAL", isFault: true);
        await FailAsync("NOT_FOUND", isFault: false);
    }

    [Theory]
    [InlineData(0, 200)]
    [InlineData(1, 499)]
    [InlineData(2, 500)]
    [InlineData(3, 400)]
    [InlineData(4, 504)]
    [InlineData(5, 404)]
    [InlineData(6, 409)]
    [InlineData(7, 403)]
    [InlineData(8, 429)]
    [InlineData(9, 400)]
    [InlineData(10, 409)]
    [InlineData(11, 400)]
    [InlineData(12, 501)]
    [InlineData(13, 500)]
    [InlineData(14, 503)]
    [InlineData(15, 500)]
    [InlineData(16, 401)]
    [InlineData(17, 500)]
    [InlineData(-1, 500)]
    public void Each_status_has_one_of_HTTP(int status, int http) => Assert.Equal(http, GrpcStatus.ToHttp(status));

    [Fact]
    public async Task What_ends_without_a_status_has_failed_and_what_is_not_of_gRPC_has_not()
    {
        foreach (var (type, ejected) in new[] { ("application/grpc", true), ("application/grpc-web", false), ("text/plain", false) })
        {
            using var upstream = new RawUpstream(async (connection, _) =>
            {
                while (await connection.ReadRequestAsync() is { Length: > 0 } request)
                {
                    await connection.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: {(request.Contains("/empty", StringComparison.Ordinal) ? "0\r\n\r\n" : "1\r\n\r\nx")}");
                }
            });
            await using var proxy = await TestProxy.StartAsync(
                [upstream.Address], cluster: ""","outlier_detection":{"consecutive_5xx":4,"interval":"5m","base_ejection_time":"5m","max_ejection_percent":100}""");
            var host = proxy.Server.Clusters.Find("up")!.Hosts[0];
            for (int i = 0; i < 4; i++)
            {
                Assert.True(host.IsHealthy);
                string answer = await RawClient.ExchangeAsync(proxy.Port, $"POST {(i % 2 == 0 ? "/empty" : "/")} HTTP/1.1\r\nhost: a\r\ncontent-type: {type}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
            }

            await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0 && host.IsHealthy != ejected);
        }
    }

    private static async Task FailAsync(string code, bool isFault)
    {
        using var peer = await GrpcPeer.StartAsync();
        await using var proxy = await TestProxy.StartAsync(
            [peer.Address],
            cluster: ""","outlier_detection":{"consecutive_5xx":3,"interval":"5m","base_ejection_time":"5m","max_ejection_percent":100}""",
            protocol: "Http2", upstreamProtocol: "Http2");
        var host = proxy.Server.Clusters.Find("up")!.Hosts[0];
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{proxy.Port}");

        for (int i = 0; i < 3; i++)
        {
            Assert.True(host.IsHealthy);
            await Assert.ThrowsAsync<RpcException>(async () => await channel.CreateCallInvoker().AsyncUnaryCall(
                GrpcMethods.Of(MethodType.Unary, "Flaky"), null, new CallOptions(deadline: DateTime.UtcNow + Eventually.Patience), Encoding.UTF8.GetBytes($"1 {code} {i}")));
        }

        if (isFault)
        {
            await Eventually.HoldsAsync(() => !host.IsHealthy);
        }
        else
        {
            await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0);
            Assert.True(host.IsHealthy);
        }
    }
}
