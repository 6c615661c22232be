using System.Net;
using Outrider.Tests.Envoy;
using Outrider.Tests.Grpc;

namespace Outrider.Tests.Nginx;

/// <summary>Calls of gRPC through <c>grpc_pass</c>, against gRPC's own server: the only responses of nginx's with trailers, and filters see them.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class GrpcTests(EnvoyModules modules, NginxModule nginxModule)
{
    [NginxFact]
    public async Task Filters_see_and_change_the_trailers_of_grpc_pass_whatever_they_wait_for()
    {
        if (!File.Exists(GrpcPeer.Library))
        {
            // As root: apt-get install python3-grpcio.
            return;
        }

        using var peer = await GrpcPeer.StartAsync();
        string module = nginxModule.Place(Path.Combine(modules.Folder, $"lib{await modules.PublishAsync("tests/modules/conformance-filters")}.so"));
        using var nginx = await NginxProcess.StartAsync(
            nginxModule,
            $"outrider_module t {module};",
            $$"""
            location / { outrider_filter t scripted; grpc_pass grpc://{{peer.Address}}; }
            location /test.Peer/Repeat { outrider_filter t scripted; outrider_filter t scripted '{}'; grpc_pass grpc://{{peer.Address}}; }
            """);

        int number = 0;
        foreach (string script in new[] { "", "et:mark", "et:late mark", "eh:late,et:mark", "ed:late,et:mark", "eh:late,ed:late,et:thread mark", "ew:late,et:mark" })
        {
            var (answer, body) = await CallAsync(nginx, "Echo", "hello", ("x-case", $"c{++number}"), ("x-do", script));

            string said = $"{script}: {answer} {answer.TrailingHeaders}";
            Assert.True(body.AsSpan().SequenceEqual(Framed("hello")), said);
            Assert.Equal("here", answer.Headers.GetValues("x-begin").Single());
            Assert.True(answer.TrailingHeaders.GetValues("grpc-status").Single() == "0", said);
            Assert.Equal("there", answer.TrailingHeaders.GetValues("x-end").Single());
            Assert.Equal(script.Contains("mark", StringComparison.Ordinal), answer.TrailingHeaders.Contains("x-mark"));
        }

        // What comes piece by piece, through two filters; and a status without a message.
        var (pieces, all) = await CallAsync(nginx, "Repeat", "5 40000", ("x-case", "pieces"), ("x-do", "ed:late,et:late mark"));
        Assert.Equal(5 * 40_005, all.Length);
        Assert.Equal("0", pieces.TrailingHeaders.GetValues("grpc-status").Single());
        var (failed, none) = await CallAsync(nginx, "Fail", "NOT_FOUND nobody", ("x-case", "failed"), ("x-do", "eh:late,et:mark"));
        Assert.Empty(none);
        Assert.Equal("5", failed.Headers.Concat(failed.TrailingHeaders).Single(field => field.Key == "grpc-status").Value.Single());
        Assert.DoesNotMatch(@"\[(alert|crit|emerg)\]|exited on signal", nginx.Log);
    }

    [NginxFact]
    public async Task A_filters_answer_to_a_request_of_gRPC_is_a_status_of_gRPC()
    {
        string module = nginxModule.Place(Path.Combine(modules.Folder, $"lib{await modules.PublishAsync("tests/modules/conformance-filters")}.so"));
        using var nginx = await NginxProcess.StartAsync(
            nginxModule,
            $"outrider_module t {module};",
            "location / { outrider_filter t scripted; return 200 \"from nginx\"; }");

        foreach (string phase in new[] { "dh", "eh" })
        {
            var (answer, body) = await CallAsync(nginx, "Echo", "hello", ("x-case", phase), ("x-do", phase + ":reply"));

            string said = $"{phase}: {answer}";
            Assert.Empty(body);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, said);
            Assert.Equal("application/grpc", answer.Content.Headers.ContentType?.ToString());
            Assert.True(answer.Headers.TryGetValues("grpc-status", out var status) && status.Single() == "7", said);
            Assert.Equal("from " + phase, answer.Headers.GetValues("grpc-message").Single());
            Assert.Equal("reply", answer.Headers.GetValues("x-mark").Single());
        }

        // Whoever does not speak gRPC gets what the filter said.
        using var other = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.1:{nginx.Port}/"));
        other.Headers.Add("x-case", "other");
        other.Headers.Add("x-do", "dh:reply");
        using var plain = await nginx.Client.SendAsync(other);
        Assert.Equal(HttpStatusCode.Forbidden, plain.StatusCode);
        Assert.Equal("from dh", await plain.Content.ReadAsStringAsync());
        Assert.DoesNotMatch(@"\[(alert|crit|emerg)\]|exited on signal", nginx.Log);
    }

    private static async Task<(HttpResponseMessage Answer, byte[] Body)> CallAsync(NginxProcess nginx, string method, string message, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://127.0.0.1:{nginx.Http2Port}/test.Peer/{method}"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Framed(message)),
        };
        request.Content.Headers.ContentType = new("application/grpc");
        request.Headers.TE.ParseAdd("trailers");
        foreach (var (name, value) in headers.Where(header => header.Value.Length > 0))
        {
            request.Headers.Add(name, value);
        }

        var answer = await nginx.Client.SendAsync(request);
        return (answer, await answer.Content.ReadAsByteArrayAsync());
    }

    // Not compressed, the length in four bytes, the message.
    private static byte[] Framed(string message) => [0, 0, 0, (byte)(message.Length >> 8), (byte)message.Length, .. System.Text.Encoding.ASCII.GetBytes(message)];
}
