using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Outrider.Tests.Harness;
using Outrider.Tests.Plugins;

namespace Outrider.Tests.Grpc;

/// <summary><c>retry_on</c> with statuses of gRPC.</summary>
public sealed class GrpcRetryTests
{
    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public async Task A_call_is_tried_again_for_the_statuses_that_the_route_names_and_no_others()
    {
        using var peer = await GrpcPeer.StartAsync();
        const string route = """
            [{"match":{"prefix":"/"},"route":{"cluster_name":"up","upstream_protocol":"Http2",
              "retry_policy":{"retry_on":"unavailable, resource-exhausted,cancelled,internal,deadline-exceeded","num_retries":2}}}]
            """;
        await using var proxy = await TestProxy.StartAsync([peer.Address], route: route, protocol: "Http2");
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{proxy.Port}");

        foreach (string code in (string[])["UNAVAILABLE", "RESOURCE_EXHAUSTED", "CANCELLED", "INTERNAL", "DEADLINE_EXCEEDED"])
        {
            Assert.Equal("try 3", await CallAsync(channel, $"2 {code} two-{code}"));
        }

        Assert.Equal("Unavailable", await CallAsync(channel, "3 UNAVAILABLE three"));
        Assert.Equal("NotFound", await CallAsync(channel, "1 NOT_FOUND four"));
        Assert.Equal("try 2", await CallAsync(channel, "1 NOT_FOUND four"));
        Assert.Equal(12, proxy.Stats.Retries);
    }

    private static async Task<string> CallAsync(GrpcChannel channel, string request)
    {
        try
        {
            using var call = channel.CreateCallInvoker().AsyncUnaryCall(
                GrpcMethods.Of(MethodType.Unary, "Flaky"), null, new CallOptions(deadline: DateTime.UtcNow + Eventually.Patience), Encoding.UTF8.GetBytes(request));
            return GrpcMethods.Text(await call);
        }
        catch (RpcException e)
        {
            return e.StatusCode.ToString();
        }
    }
}
