using System.Net;
using System.Net.Sockets;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Limits;

/// <summary>The short form of <c>bench/limits.sh</c>: more clients than there are descriptors, in a process of its own.</summary>
public sealed class DescriptorLimitTests
{
    private const string Get = "GET / HTTP/1.1\r\nhost: a\r\nuser: admin\r\n\r\n";

    [Theory]
    [InlineData(256, 400)]
    [InlineData(1024, 1300)]
    public async Task More_clients_than_descriptors_end_nothing_and_every_request_is_answered(int limit, int clients)
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", remembers: false);
        using var sample = new SampleCopy(upstream.Port);
        using var proxy = OutriderProcess.StartOther("sh", "-c", $"ulimit -n {limit}; exec dotnet '{OutriderProcess.ProgramFile}' start --warm-up no -c '{sample.File}'");
        await proxy.ListensAsync(sample.Port);
        var silent = new List<Socket>();
        try
        {
            for (int i = 0; i < clients; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                silent.Add(socket);
                await socket.ConnectAsync(IPAddress.Loopback, sample.Port);
            }

            // Behind all who say nothing, on connections of their own.
            string[] answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => AskAsync(sample.Port)));

            Assert.All(answers, answer => Assert.EndsWith("ok", answer, StringComparison.Ordinal));
            Assert.InRange(Directory.GetFiles($"/proc/{proxy.Id}/fd").Length, 1, limit - 10);
        }
        finally
        {
            silent.ForEach(socket => socket.Dispose());
        }

        // The log and the admin API need descriptors too, and have them.
        Assert.EndsWith("ok", await AskAsync(sample.Port), StringComparison.Ordinal);
        Assert.Contains("outrider_connections_active", await RawClient.ExchangeAsync(sample.AdminPort, "GET /metrics HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"), StringComparison.Ordinal);
        proxy.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);
        Assert.Equal(0, await proxy.ExitAsync());
    }

    private static async Task<string> AskAsync(int port)
    {
        using var client = await RawClient.ConnectAsync(port);
        await client.SendAsync(Get);
        return await client.ReadResponseAsync();
    }
}
