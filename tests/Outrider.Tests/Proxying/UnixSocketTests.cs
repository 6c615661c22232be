using System.Net.Sockets;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Proxying;

public sealed class UnixSocketTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("outrider-unix-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_listener_and_an_upstream_may_be_files(int loops)
    {
        string front = Path.Combine(_folder, "front.sock");
        string back = Path.Combine(_folder, "back.sock");
        using var upstream = Serve(new UnixDomainSocketEndPoint(back));
        await using (var proxy = await TestProxy.StartJsonAsync(Json(front, "unix:" + back, loops)))
        {
            for (int i = 0; i < 4; i++)
            {
                string answer = await ExchangeAsync(new UnixDomainSocketEndPoint(front), "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
                Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
                Assert.Contains("x-forwarded-for: unix", answer, StringComparison.OrdinalIgnoreCase);
            }
        }

        Assert.False(File.Exists(front));
    }

    [Fact]
    public async Task Names_of_the_abstract_namespace_are_no_files()
    {
        string name = "@outrider-" + Guid.NewGuid().ToString("n");
        using var upstream = Serve(new UnixDomainSocketEndPoint("\0" + name[1..] + "-back"));
        await using var proxy = await TestProxy.StartJsonAsync(Json(name, $"unix:{name}-back", 1));

        string answer = await ExchangeAsync(new UnixDomainSocketEndPoint("\0" + name[1..]), "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.False(File.Exists(name));
    }

    [Fact]
    public async Task An_upstream_on_a_file_gets_a_host_that_is_one()
    {
        string front = Path.Combine(_folder, "front.sock");
        string back = Path.Combine(_folder, "back.sock");
        using var upstream = Serve(new UnixDomainSocketEndPoint(back));
        await using var proxy = await TestProxy.StartJsonAsync(Json(front, "unix:" + back, 1));

        string answer = await ExchangeAsync(new UnixDomainSocketEndPoint(front), "GET / HTTP/1.0\r\n\r\n");

        Assert.Contains("\r\nhost: localhost\r\n", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_file_that_a_dead_process_left_is_replaced()
    {
        string front = Path.Combine(_folder, "front.sock");
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            // Under another name, because .NET would tidy up.
            dead.Bind(new UnixDomainSocketEndPoint(front + ".dead"));
            File.Move(front + ".dead", front);
        }

        Assert.True(File.Exists(front));

        await using var proxy = await TestProxy.StartJsonAsync(Json(front, "127.0.0.1:1", 1));

        Assert.StartsWith("HTTP/1.1 502", await ExchangeAsync(new UnixDomainSocketEndPoint(front), "GET / HTTP/1.0\r\nhost: a\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_a_living_process_listens_on_is_named_as_taken()
    {
        string front = Path.Combine(_folder, "front.sock");
        using var living = Serve(new UnixDomainSocketEndPoint(front));

        var e = await Assert.ThrowsAsync<IOException>(() => TestProxy.StartJsonAsync(Json(front, "127.0.0.1:1", 1)).SoonAsync());

        Assert.Contains(front, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upstream_file_that_is_not_there_is_answered_for_with_502()
    {
        string front = Path.Combine(_folder, "front.sock");
        await using var proxy = await TestProxy.StartJsonAsync(Json(front, "unix:" + Path.Combine(_folder, "nobody.sock"), 1));

        Assert.StartsWith("HTTP/1.1 502", await ExchangeAsync(new UnixDomainSocketEndPoint(front), "GET / HTTP/1.0\r\nhost: a\r\n\r\n"), StringComparison.Ordinal);
    }

    // Answers each request with its own head.
    private static Socket Serve(UnixDomainSocketEndPoint address)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(address);
        listener.Listen();
        _ = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    var socket = await listener.AcceptAsync();
                    _ = Task.Run(async () =>
                    {
                        using (socket)
                        {
                            var reader = new WireReader(socket);
                            while (await reader.ReadHeadAsync() is { Length: > 0 } head)
                            {
                                await socket.SendAllAsync($"HTTP/1.1 200 OK\r\ncontent-length: {head.Length}\r\n\r\n{head}");
                            }
                        }
                    });
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test has ended.
            }
        });
        return listener;
    }

    private static async Task<string> ExchangeAsync(UnixDomainSocketEndPoint address, string request)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(address);
        await socket.SendAllAsync(request);
        return System.Text.Encoding.Latin1.GetString(await new WireReader(socket).ReadBytesAsync(long.MaxValue));
    }

    private static string Json(string listener, string upstream, int loops) => $$$$"""
        {"servers":[{"default_log_path":"/dev/null","graceful_timeout":"1s","processor":{{{{loops}}}},
        "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}]}]}],
        "listeners":[{"name":"l","address":"{{{{listener}}}}","network":"unix","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"}}]}]}]}],
        "cluster_manager":{"clusters":[{"name":"up","hosts":[{"address":"{{{{upstream}}}}"}]}]}}
        """;
}
