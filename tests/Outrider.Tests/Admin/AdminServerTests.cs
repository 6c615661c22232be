using System.Net;
using System.Net.Sockets;
using System.Text;
using Outrider.Proxy.Admin;
using Outrider.Proxy.Admin.Handlers;

namespace Outrider.Tests.Admin;

public sealed class AdminServerTests : IDisposable
{
    private readonly FakeAdminSource _source = new();
    private readonly AdminHandlers _handlers;
    private readonly AdminServer _server;

    public AdminServerTests()
    {
        _handlers = BuiltInPages.Of(_source);
        _handlers.Add(new EchoHandler());
        _server = AdminServer.Start(new IPEndPoint(IPAddress.Loopback, 0), _handlers);
    }

    public void Dispose()
    {
        _server.Dispose();
        _source.Dispose();
    }

    [Fact]
    public async Task An_answer_says_how_long_it_is_and_closes_the_connection()
    {
        string answer = await Send("GET /api/v1/version HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\ncontent-length: 23\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nconnection: close\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\noutrider version: 1.2.3", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HEAD_has_no_body()
        => Assert.EndsWith("\r\n\r\n", await Send("HEAD /api/v1/version HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), StringComparison.Ordinal);

    [Fact]
    public async Task The_absolute_form_is_understood()
        => Assert.StartsWith("HTTP/1.1 200 ", await Send("GET http://127.0.0.1/api/v1/version HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), StringComparison.Ordinal);

    [Theory]
    [InlineData("\r\n\r\n", 400)]
    [InlineData("GET\r\n\r\n", 400)]
    [InlineData("GET /\r\n\r\n", 400)]
    [InlineData("GET  / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET / HTTP/2.0\r\n\r\n", 505)]
    [InlineData("G\0T / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET nowhere HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nSpace : x\r\n\r\n", 400)]
    [InlineData("POST /echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400)]
    [InlineData("POST /echo HTTP/1.1\r\nContent-Length: \r\n\r\n", 400)]
    [InlineData("POST /echo HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab", 400)]
    [InlineData("POST /echo HTTP/1.1\r\nContent-Length: 2\r\ncontent-length: 0\r\n\r\nab", 400)]
    [InlineData("POST /echo HTTP/1.1\r\nContent-Length: 2, 2\r\n\r\nab", 400)]
    [InlineData("POST /echo HTTP/1.1\r\nContent-Length: +2\r\n\r\nab", 400)]
    [InlineData("GET / HTTP/1.1\r\na\x01b: x\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\na: x\ny: z\r\n\r\n", 400)]
    [InlineData("POST /echo HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 400)]
    [InlineData("POST /echo HTTP/1.1\r\nContent-Length: 70000\r\n\r\n", 413)]
    [InlineData("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 501)]
    [InlineData("GET /nope HTTP/1.1\r\n\r\n", 404)]
    [InlineData("GET /api/v1/version/ HTTP/1.1\r\n\r\n", 404)]
    [InlineData("GET /%zz%00 HTTP/1.1\r\n\r\n", 404)]
    [InlineData("POST /api/v1/version HTTP/1.1\r\n\r\n", 405)]
    [InlineData("GET /api/v1/update_loglevel HTTP/1.1\r\n\r\n", 405)]
    [InlineData("POST /fail HTTP/1.1\r\n\r\n", 404)]
    [InlineData("POST /echo?fail HTTP/1.1\r\n\r\n", 500)]
    public async Task Bad_input_has_its_status(string request, int status)
        => Assert.StartsWith($"HTTP/1.1 {status} ", await Send(request), StringComparison.Ordinal);

    [Fact]
    public async Task A_head_without_end_is_refused()
    {
        string answer = await Send("GET / HTTP/1.1\r\nA: " + new string('x', 80_000));
        Assert.StartsWith("HTTP/1.1 431 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_method_is_told_the_right_one()
        => Assert.Contains("\r\nallow: GET, HEAD\r\n", await Send("DELETE / HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);

    [Fact]
    public async Task A_body_may_come_in_pieces_and_after_100_Continue()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_server.EndPoint);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync("POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Le"u8.ToArray());
        await stream.WriteAsync("ngth: 6\r\n\r\nab"u8.ToArray());
        byte[] interim = new byte[25];
        await stream.ReadExactlyAsync(interim);
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", Encoding.ASCII.GetString(interim));
        await stream.WriteAsync("cd"u8.ToArray());
        await stream.WriteAsync("ef"u8.ToArray());
        Assert.EndsWith("\r\n\r\nabcdef", await new StreamReader(stream).ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_that_are_slow_do_not_keep_others_waiting_however_many_they_are()
    {
        using var http = new HttpClient();
        bool isBefore = false;
        for (int round = 0; round < 5 && !isBefore; round++)
        {
            List<TcpClient> idle = [];
            for (int i = 0; i < 200; i++)
            {
                idle.Add(new TcpClient());
                await idle[^1].ConnectAsync(_server.EndPoint);
                await idle[^1].GetStream().WriteAsync("GET / HT"u8.ToArray());
            }

            // Before the first of the slow ones has used up its five seconds, and is closed. A machine that takes as long to connect them all has another try.
            Assert.Equal("outrider version: 1.2.3", await http.GetStringAsync($"http://{_server.EndPoint}/api/v1/version"));
            isBefore = !idle[0].Client.Poll(0, SelectMode.SelectRead);
            idle.ForEach(client => client.Dispose());
        }

        Assert.True(isBefore);
        Assert.Equal("outrider version: 1.2.3", await http.GetStringAsync($"http://{_server.EndPoint}/api/v1/version"));
    }

    [Fact]
    public async Task Many_requests_at_a_time_are_all_answered()
    {
        using var http = new HttpClient();
        string[] answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => http.GetStringAsync($"http://{_server.EndPoint}/api/v1/states")));
        Assert.All(answers, answer => Assert.Equal($"pid={Environment.ProcessId}&state=6\n", answer));
    }

    [Fact]
    public void A_port_that_is_taken_is_an_error_in_one_line_that_names_it()
    {
        var e = Assert.Throws<IOException>(() => AdminServer.Start(_server.EndPoint, _handlers));
        Assert.Contains($"cannot listen on {_server.EndPoint}", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public async Task After_dispose_nobody_listens_and_the_port_is_free()
    {
        IPEndPoint endPoint = _server.EndPoint;
        Assert.NotEmpty(await Send("GET / HTTP/1.1\r\n\r\n"));
        _server.Dispose();
        using var client = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync(endPoint));
        AdminServer.Start(endPoint, _handlers).Dispose();
    }

    [Fact]
    public void A_path_has_one_page_and_begins_with_a_slash()
    {
        Assert.Throws<ArgumentException>(() => _handlers.Add(new EchoHandler()));
        Assert.Throws<ArgumentException>(() => _handlers.Add(new EchoHandler { Path = "echo" }));
    }

    private async Task<string> Send(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_server.EndPoint);
        NetworkStream stream = client.GetStream();
        // What is sent without a host, but for the sake of something else, gets the right one.
        bool complete = request.Contains("\r\n", StringComparison.Ordinal) && !request.Contains("\r\nHost:", StringComparison.Ordinal);
        request = complete ? request.Insert(request.IndexOf("\r\n", StringComparison.Ordinal), $"\r\nHost: {_server.EndPoint}") : request;
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        return await new StreamReader(stream, Encoding.UTF8).ReadToEndAsync();
    }

    private sealed class EchoHandler : IAdminHandler
    {
        public string Path { get; init; } = "/echo";

        public string Method => "POST";

        public async ValueTask<AdminResponse> HandleAsync(AdminRequest request)
        {
            await Task.Yield();
            return request.Query.Count > 0 ? throw new InvalidOperationException("no") : new AdminResponse(200, AdminResponse.PlainText, request.Body);
        }
    }
}
