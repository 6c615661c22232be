using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Outrider.Filters.Testing;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Conformance;

/// <summary>The base of unit tests (<see cref="FilterHost"/>) behind a socket, so that the suite asks it as it asks the others: one request a connection.</summary>
internal sealed class MemoryBase : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly FilterHost _host;
    private readonly int _upstream;

    internal MemoryBase(int upstream)
    {
        _upstream = upstream;
        _host = new FilterHost()
            .AddRoute(new TestRoute("/other") { Cluster = "again" })
            .AddRoute(new TestRoute("/") { Cluster = "up" })
            .OnCluster("up", (request, _) => ForwardAsync(request))
            .OnCluster("again", (request, _) => ForwardAsync(request.With("x-mark", "again")))
            .Add<ScriptedFilter>();
        _listener.Start();
        _ = AcceptAsync();
    }

    internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    internal string Log => string.Join('\n', _host.Log.Select(line => line.Message));

    internal string Metrics => string.Join('\n', new[] { "dh", "eh" }.Select(step => $"conformance_steps{{step=\"{step}\"}} {_host.Metrics.Value("conformance_steps", step)}"));

    public void Dispose()
    {
        _listener.Dispose();
        _host.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            var reader = new WireReader(socket);
            string head = await reader.ReadHeadAsync();
            byte[] body = head.Contains("content-length", StringComparison.OrdinalIgnoreCase) || head.Contains("transfer-encoding", StringComparison.OrdinalIgnoreCase)
                ? await reader.ReadBodyAsync(head)
                : [];
            var exchange = await _host.SendAsync(Parse(head, body, reader.Trailers));
            if (exchange.Response is not null)
            {
                await socket.SendAsync(Write(exchange, isHead: head.StartsWith("HEAD", StringComparison.Ordinal)));
            }
        }
    }

    private static TestRequest Parse(string head, byte[] body, string trailers)
    {
        string[] lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        string[] line = lines[0].Split(' ');
        bool isChunked = WireReader.Field(head, "transfer-encoding") is not null;
        var request = new TestRequest(line[0], line[1]) { IsChunked = isChunked };
        foreach (var (name, value) in Fields(lines[1..]))
        {
            _ = request.With(name, value);
        }

        if (body.Length > 0)
        {
            _ = request.WithBytes(body);
        }

        foreach (var (name, value) in Fields(trailers.Split("\r\n", StringSplitOptions.RemoveEmptyEntries)))
        {
            _ = request.WithTrailer(name, value);
        }

        return request;
    }

    private static IEnumerable<(string Name, string Value)> Fields(IEnumerable<string> lines)
        => from line in lines
           let colon = line.IndexOf(':', StringComparison.Ordinal)
           let name = line[..colon]
           where !name.Equals("connection", StringComparison.OrdinalIgnoreCase) && !name.Equals("transfer-encoding", StringComparison.OrdinalIgnoreCase)
           select (name, line[(colon + 1)..].Trim());

    private static byte[] Write(TestExchange exchange, bool isHead)
    {
        var response = exchange.Response!;
        var text = new StringBuilder($"HTTP/1.1 {response.Status} x\r\n");
        foreach (var (name, value) in response.Headers)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        bool hasLength = response.GetHeader("content-length") is not null;
        bool isChunked = !hasLength && !isHead && (exchange.IsCut || response.Pieces.Count > 0);
        _ = text.Append(isChunked ? "transfer-encoding: chunked\r\n\r\n" : "\r\n");
        foreach (byte[] piece in response.Pieces)
        {
            string bytes = Encoding.Latin1.GetString(piece);
            _ = isChunked ? text.Append(CultureInfo.InvariantCulture, $"{piece.Length:x}\r\n{bytes}\r\n") : text.Append(bytes);
        }

        if (isChunked && !exchange.IsCut)
        {
            _ = text.Append("0\r\n\r\n");
        }

        return Encoding.Latin1.GetBytes(text.ToString());
    }

    private async Task<TestResponse> ForwardAsync(TestRequest request)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, _upstream);
        var text = new StringBuilder($"{request.Method} {request.Path} HTTP/1.1\r\nhost: {request.Authority}\r\n");
        foreach (var (name, value) in request.Headers.Where(header => !header.Key.Equals("content-length", StringComparison.OrdinalIgnoreCase)))
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        _ = text.Append(CultureInfo.InvariantCulture, $"content-length: {request.BodyBytes.Length}\r\n\r\n{Encoding.Latin1.GetString(request.BodyBytes)}");
        await socket.SendAsync(Encoding.Latin1.GetBytes(text.ToString()));
        var reader = new WireReader(socket);
        string head = await reader.ReadHeadAsync();
        if (head.Length == 0)
        {
            throw new IOException("closed");
        }

        int status = int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture);
        byte[] body = request.Method == "HEAD" ? [] : await reader.ReadBodyAsync(head);
        var response = new TestResponse(status) { IsChunked = WireReader.Field(head, "transfer-encoding") is not null };
        foreach (var (name, value) in Fields(head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries)[1..]))
        {
            _ = response.With(name, value);
        }

        foreach (var (name, value) in Fields(reader.Trailers.Split("\r\n", StringSplitOptions.RemoveEmptyEntries)))
        {
            _ = response.WithTrailer(name, value);
        }

        return body.Length > 0 ? response.WithBytes(body) : response;
    }
}
