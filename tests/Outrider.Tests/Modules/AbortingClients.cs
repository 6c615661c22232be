using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Outrider.Tests.Modules;

/// <summary>Clients that go away at any moment of an exchange, some of them not at all.</summary>
internal static class AbortingClients
{
    /// <summary>How many streams a test of this kind takes. A long run is for those who ask for it: OUTRIDER_MODULE_STREAMS=100000.</summary>
    internal static int Streams { get; } = int.Parse(Environment.GetEnvironmentVariable("OUTRIDER_MODULE_STREAMS") ?? "3000", CultureInfo.InvariantCulture);

    /// <summary>Makes that many requests; how many were answered to the end.</summary>
    internal static async Task<int> RunAsync(int port, int streams)
    {
        int left = streams, whole = 0;
        await Task.WhenAll(Enumerable.Range(0, 24).Select(seed => Task.Run(async () =>
        {
            var random = new Random(seed);
            while (Interlocked.Decrement(ref left) >= 0)
            {
                if (await ExchangeAsync(port, random))
                {
                    _ = Interlocked.Increment(ref whole);
                }
            }
        })));
        return whole;
    }

    private static async Task<bool> ExchangeAsync(int port, Random random)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(true, 0) };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        int body = random.Next(3) == 0 ? random.Next(1, 60_000) : 0;
        byte[] request = Encoding.ASCII.GetBytes(
            $"POST /x HTTP/1.1\r\nhost: a\r\nx-delay: {random.Next(0, 8)}\r\ncontent-length: {body}\r\nconnection: close\r\n\r\n" + new string('x', body));
        try
        {
            int sent = random.Next(6) == 0 ? random.Next(0, request.Length) : request.Length;
            _ = await socket.SendAsync(request.AsMemory(0, sent));
            if (sent < request.Length || random.Next(3) == 0)
            {
                await Task.Delay(random.Next(0, 10));
                return false;
            }

            byte[] answer = new byte[64 * 1024];
            int first = await socket.ReceiveAsync(answer);
            if (first == 0 || random.Next(8) == 0)
            {
                return false;
            }

            while (await socket.ReceiveAsync(answer.AsMemory(Math.Min(first, 64))) > 0)
            {
            }

            return Encoding.ASCII.GetString(answer, 0, Math.Min(first, 12)) == "HTTP/1.1 200";
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
