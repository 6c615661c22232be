using System.Diagnostics;
using System.Net.Security;
using Grpc.Core;
using Grpc.Net.Client;
using Outrider.Http.V2.Framing;
using Outrider.Tests.Harness;
using Outrider.Tests.Http.V2;
using Outrider.Tests.Plugins;
using Outrider.Tests.Tls;

namespace Outrider.Tests.Grpc;

/// <summary>Calls of gRPC's own client and of .NET's through the proxy to gRPC's own server, over TLS and without.</summary>
public sealed class GrpcCallTests : IAsyncLifetime
{
    private const string ToHttp2 = """[{"match":{"prefix":"/"},"route":{"cluster_name":"up","upstream_protocol":"Http2"}}]""";

    private readonly TlsLab _lab = new();
    private GrpcPeer? _peer;

    public async Task InitializeAsync() => _peer = File.Exists(GrpcPeer.Library) ? await GrpcPeer.StartAsync() : null;

    public Task DisposeAsync()
    {
        _peer?.Dispose();
        _lab.Dispose();
        return Task.CompletedTask;
    }

    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public Task Every_kind_of_call_passes_from_gRPCs_own_client() => RunCallerAsync(isTls: false);

    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public Task Every_kind_of_call_passes_from_gRPCs_own_client_over_TLS() => RunCallerAsync(isTls: true);

    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public Task Every_kind_of_call_passes_from_NET() => RunNetAsync(isTls: false);

    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public Task Every_kind_of_call_passes_from_NET_over_TLS() => RunNetAsync(isTls: true);

    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public async Task A_message_comes_back_before_the_next_one_is_sent()
    {
        await using var proxy = await StartAsync(isTls: false);
        using var channel = Channel(proxy, isTls: false);
        using var call = Invoker(channel).AsyncDuplexStreamingCall(GrpcMethods.Of(MethodType.DuplexStreaming, "Chat"), null, Soon());

        for (int i = 0; i < 5; i++)
        {
            await call.RequestStream.WriteAsync([(byte)('a' + i)]);
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).SoonAsync());
            Assert.Equal("you said " + (char)('a' + i), GrpcMethods.Text(call.ResponseStream.Current));
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None).SoonAsync());
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public async Task A_call_that_its_client_cancels_is_cancelled_upstream()
    {
        await using var proxy = await StartAsync(isTls: false);
        using var channel = Channel(proxy, isTls: false);
        using var cancel = new CancellationTokenSource();
        using var call = Invoker(channel).AsyncUnaryCall(GrpcMethods.Of(MethodType.Unary, "Wait"), null, new CallOptions(cancellationToken: cancel.Token), []);
        await Eventually.HoldsAsync(() => _peer!.Waiting == 1);

        await cancel.CancelAsync();

        await Eventually.HoldsAsync(() => _peer!.Cancelled == 1);
        await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0);
    }

    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public async Task A_call_whose_client_dies_is_cancelled_upstream()
    {
        await using var proxy = await StartAsync(isTls: false);
        using var client = await Http2Frames.ConnectAsync(proxy.Port);
        await client.SendHeadersAsync(
            1, 4, (":method", "POST"), (":scheme", "http"), (":path", "/test.Peer/Wait"), (":authority", "x"), ("content-type", "application/grpc"), ("te", "trailers"));
        await client.SendAsync(FrameType.Data, 1, 1, new byte[5]);
        await Eventually.HoldsAsync(() => _peer!.Waiting == 1);

        client.Dispose();

        await Eventually.HoldsAsync(() => _peer!.Cancelled == 1);
    }

    private async Task RunCallerAsync(bool isTls)
    {
        await using var proxy = await StartAsync(isTls);
        string[] arguments = [GrpcPeer.ScriptPath("caller.py"), $"localhost:{proxy.Port}", .. isTls ? (string[])[_lab.Path("ca.pem")] : []];
        using var caller = Process.Start(new ProcessStartInfo(GrpcPeer.Python, arguments) { RedirectStandardOutput = true })!;

        string output = await caller.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(
            """
            unary hello here there 00ff
            large 5000000
            server [70000, 70000, 70000]
            client 300 messages, 300000 bytes
            both ['you said a', 'you said b']
            status NOT_FOUND 100 % nö
            late DATA_LOSS no more
            nowhere UNIMPLEMENTED Method not found!
            deadline DEADLINE_EXCEEDED
            cancel CANCELLED

            """,
            output);
        // Two calls that wait, and a deadline that may be over before the peer has begun the one.
        await Eventually.HoldsAsync(() => _peer!.Waiting >= 1 && _peer.Cancelled == _peer.Waiting && proxy.Stats.StreamsActive == 0);
    }

    private async Task RunNetAsync(bool isTls)
    {
        await using var proxy = await StartAsync(isTls);
        using var channel = Channel(proxy, isTls);
        var invoker = Invoker(channel);

        using var unary = invoker.AsyncUnaryCall(GrpcMethods.Of(MethodType.Unary, "Echo"), null, Soon(), "hello"u8.ToArray());
        Assert.Equal("hello", GrpcMethods.Text(await unary));
        Assert.Equal("here", (await unary.ResponseHeadersAsync).GetValue("x-begin"));
        Assert.Equal("there", unary.GetTrailers().GetValue("x-end"));
        Assert.Equal([0, 255], unary.GetTrailers().GetValueBytes("x-end-bin")!);

        using var large = invoker.AsyncUnaryCall(GrpcMethods.Of(MethodType.Unary, "Echo"), null, Soon(), new byte[5_000_000]);
        Assert.Equal(5_000_000, (await large).Length);

        using var server = invoker.AsyncServerStreamingCall(GrpcMethods.Of(MethodType.ServerStreaming, "Repeat"), null, Soon(), "3 70000"u8.ToArray());
        Assert.Equal([70_000, 70_000, 70_000], await server.ResponseStream.ReadAllAsync().Select(message => message.Length).ToListAsync());

        using var client = invoker.AsyncClientStreamingCall(GrpcMethods.Of(MethodType.ClientStreaming, "Count"), null, Soon());
        for (int i = 0; i < 300; i++)
        {
            await client.RequestStream.WriteAsync(new byte[1000]);
        }

        await client.RequestStream.CompleteAsync();
        Assert.Equal("300 messages, 300000 bytes", GrpcMethods.Text(await client));

        // Before the client has said that nothing follows.
        using var both = invoker.AsyncDuplexStreamingCall(GrpcMethods.Of(MethodType.DuplexStreaming, "Chat"), null, Soon());
        await both.RequestStream.WriteAsync("a"u8.ToArray());
        await both.RequestStream.WriteAsync("stop"u8.ToArray());
        Assert.Equal(["you said a"], await both.ResponseStream.ReadAllAsync().Select(GrpcMethods.Text).ToListAsync());

        using var failing = invoker.AsyncUnaryCall(GrpcMethods.Of(MethodType.Unary, "Fail"), null, Soon(), "NOT_FOUND 100 % nö"u8.ToArray());
        var notFound = await Assert.ThrowsAsync<RpcException>(async () => await failing);
        Assert.Equal((StatusCode.NotFound, "100 % nö"), (notFound.StatusCode, notFound.Status.Detail));

        using var late = invoker.AsyncDuplexStreamingCall(GrpcMethods.Of(MethodType.DuplexStreaming, "FailLate"), null, Soon());
        Assert.True(await late.ResponseStream.MoveNext(CancellationToken.None).SoonAsync());
        Assert.Equal(StatusCode.DataLoss, (await Assert.ThrowsAsync<RpcException>(() => late.ResponseStream.MoveNext(CancellationToken.None))).StatusCode);
    }

    private Task<TestProxy> StartAsync(bool isTls)
        => isTls ? _lab.StartAsync([_peer!.Address], route: ToHttp2, protocol: "Http2") : TestProxy.StartAsync([_peer!.Address], route: ToHttp2, protocol: "Http2");

    private static CallInvoker Invoker(GrpcChannel channel) => channel.CreateCallInvoker();

    private static CallOptions Soon() => new(deadline: DateTime.UtcNow + Eventually.Patience);

    private static GrpcChannel Channel(TestProxy proxy, bool isTls) => GrpcChannel.ForAddress($"{(isTls ? "https" : "http")}://localhost:{proxy.Port}", new GrpcChannelOptions
    {
        MaxReceiveMessageSize = null,
        HttpHandler = new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        },
        DisposeHttpClient = true,
    });
}
