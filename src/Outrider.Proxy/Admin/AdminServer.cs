using System.Net;
using System.Net.Sockets;
using System.Text;
using Outrider.Http.V1;

namespace Outrider.Proxy.Admin;

/// <summary>
/// The admin API's HTTP server: small, off the data path, on threads of the pool. One request to a connection, 64 KiB at most,
/// five seconds at most, 64 connections that wait for their clients: when there are more, the one that has waited longest is cut. Start
/// and dispose on any thread.
/// </summary>
internal sealed class AdminServer : IDisposable
{
    private const int MaxRequestSize = 64 * 1024;
    private const int MaxWaiting = 64;
    private const int MaxAtWork = 16;
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);

    private readonly AdminHandlers _handlers;
    private readonly TcpListener _listener;
    private readonly AdminAccess _access;
    private readonly SlowClients _slow = new(MaxWaiting);
    private readonly SemaphoreSlim _atWork = new(MaxAtWork);
    private readonly CancellationTokenSource _stop = new();

    private AdminServer(TcpListener listener, AdminHandlers handlers, AdminAccess access)
    {
        _access = access;
        _listener = listener;
        _handlers = handlers;
    }

    /// <summary>Where it listens; the port is the real one where the configuration says 0.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Listens and serves.</summary>
    /// <exception cref="IOException">It cannot listen there; the message names the address.</exception>
    /// <param name="endPoint">Where.</param>
    /// <param name="handlers">The pages.</param>
    /// <param name="access">Who may see them; null for whoever is no web page.</param>
    public static AdminServer Start(IPEndPoint endPoint, AdminHandlers handlers, AdminAccess? access = null)
    {
        var listener = new TcpListener(endPoint);
        try
        {
            listener.Start();
        }
        catch (SocketException e)
        {
            listener.Dispose();
            throw new IOException($"the admin API cannot listen on {endPoint}: {e.Message}", e);
        }

        var server = new AdminServer(listener, handlers, access ?? AdminAccess.Default);
        _ = Task.Run(server.AcceptAsync);
        return server;
    }

    /// <summary>Listens no more and ends what is being served.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync(_stop.Token));
            }
            catch (SocketException)
            {
                // A client that went away, or no descriptor is free: a pause, lest the latter take a whole core.
                await Task.Delay(100);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var waiting = _slow.Enter(deadline);
        try
        {
            deadline.CancelAfter(s_timeout);
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            var local = ((IPEndPoint)socket.LocalEndPoint!).Address;
            (AdminRequest request, AdminResponse? error) = await ReadAsync(stream, local, deadline.Token);
            _slow.Leave(waiting);
            AdminResponse response = error ?? await HandleAsync(request, deadline.Token);
            waiting = _slow.Enter(deadline);
            await WriteAsync(stream, response, request.Method != "HEAD", deadline.Token);
            socket.Shutdown(SocketShutdown.Send);

            // Closing over unread input would reset the connection, and the client might lose the answer.
            byte[] rest = new byte[4096];
            for (int read = 1, total = 0; read > 0 && total < MaxRequestSize; total += read)
            {
                read = await stream.ReadAsync(rest, deadline.Token);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client has gone or is too slow: its loss.
        }
        finally
        {
            _slow.Leave(waiting);
        }
    }

    private async Task<AdminResponse> HandleAsync(AdminRequest request, CancellationToken deadline)
    {
        await _atWork.WaitAsync(deadline);
        try
        {
            return await _handlers.HandleAsync(request);
        }
        finally
        {
            _atWork.Release();
        }
    }

    private async Task<(AdminRequest Request, AdminResponse? Error)> ReadAsync(NetworkStream stream, IPAddress local, CancellationToken deadline)
    {
        byte[] buffer = new byte[4096];
        int length = 0, end;
        while ((end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (length == MaxRequestSize)
            {
                return (new AdminRequest("", "", [], default), AdminResponse.Text("the request is larger than 64 KiB\n", 431));
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }

            int read = await stream.ReadAsync(buffer.AsMemory(length), deadline);
            length += read > 0 ? read : throw new IOException("the client closed the connection");
        }

        int status = AdminRequestParser.Parse(buffer.AsSpan(0, end), out AdminRequest request, out int bodyLength, out bool expectsContinue);
        int start = end + 4;
        status = status == 0 && bodyLength > MaxRequestSize - start ? 413 : status;
        if (status != 0)
        {
            return (request, AdminResponse.Text($"{Reason(status)}\n", status));
        }

        if (_access.Refuse(request, local) is { } refusal)
        {
            return (request, refusal);
        }

        byte[] body = new byte[bodyLength];
        int have = Math.Min(length - start, bodyLength);
        buffer.AsSpan(start, have).CopyTo(body);
        if (expectsContinue && have < bodyLength)
        {
            await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), deadline);
        }

        await stream.ReadExactlyAsync(body.AsMemory(have), deadline);
        return (request with { Body = body, HasToken = _access.WantsToken }, null);
    }

    private static async Task WriteAsync(NetworkStream stream, AdminResponse response, bool withBody, CancellationToken deadline)
    {
        string more = (response.Allow is null ? "" : $"Allow: {response.Allow}\r\n") + (response.Challenge is null ? "" : $"WWW-Authenticate: {response.Challenge}\r\n");
        string head = $"HTTP/1.1 {response.Status} {Reason(response.Status)}\r\nContent-Type: {response.ContentType}\r\n"
            + $"Content-Length: {response.Body.Length}\r\n{more}X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head), deadline);
        await stream.WriteAsync(withBody ? response.Body : default, deadline);
    }

    private static string Reason(int status) => status switch
    {
        413 => "Content Too Large",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        _ => Encoding.Latin1.GetString(StatusReasons.For(status)),
    };
}
