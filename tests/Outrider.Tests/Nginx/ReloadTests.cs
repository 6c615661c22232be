using System.Net;
using System.Net.Sockets;
using System.Text;
using Outrider.Tests.Envoy;
using Outrider.Tests.Harness;
using Outrider.Tests.Modules;

namespace Outrider.Tests.Nginx;

/// <summary>Reloads under clients that keep their connections: what they lose is what a bare nginx would lose.</summary>
[Collection(NginxCollection.Name)]
public sealed class ReloadTests(NginxModule modules)
{
    private const int Reloads = 20, Clients = 4;

    [NginxFact]
    public async Task Reloads_cost_clients_that_keep_their_connections_no_more_than_a_bare_nginx_does()
    {
        using var upstream = new EchoUpstream();
        // Both at once in one nginx: the same workers close the connections of both.
        using var nginx = await NginxProcess.StartAsync(
            modules,
            $"outrider_module every {modules.Place(BuiltModule.Every)}; upstream up {{ server 127.0.0.1:{upstream.Port}; }}",
            """
            location /bare { proxy_pass http://up; }
            location /filters { outrider_filter every wait-stop; outrider_filter every upper; outrider_filter every upper-response; proxy_pass http://up; }
            """,
            workers: 2);
        using var done = new CancellationTokenSource();
        var bare = new Tally();
        var filters = new Tally();
        var clients = Enumerable.Range(0, Clients).SelectMany(_ => new[] { Task.Run(() => RunAsync(nginx.Port, "/bare", bare, done.Token)), Task.Run(() => RunAsync(nginx.Port, "/filters", filters, done.Token)) }).ToList();
        for (int i = 0; i < Reloads; i++)
        {
            var before = nginx.Workers();
            nginx.Reload();
            await Eventually.HoldsAsync(() => nginx.Workers() is { Length: >= 2 } now && !now.Intersect(before).Any());
        }

        await done.CancelAsync();
        await Task.WhenAll(clients);
        Assert.True(bare.Answered > 20 && filters.Answered > 20, $"{bare.Answered} and {filters.Answered} were answered");
        // A request that nginx has begun to answer, or that has a connection of its own, is never lost.
        Assert.Equal((0, 0), (bare.Broken, filters.Broken));
        // nginx closes a kept connection at the moment that a request comes on it: as often for one as for the other, and at most once for each client and reload.
        Assert.InRange(filters.Raced, 0, Math.Max(2 * bare.Raced, Reloads * Clients / 4));
        Assert.DoesNotMatch(@"\[(alert|crit|emerg)\]|exited on signal", nginx.Log);
    }

    private static async Task RunAsync(int port, string path, Tally tally, CancellationToken done)
    {
        byte[] request = Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello");
        byte[] buffer = new byte[8192];
        while (!done.IsCancellationRequested)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, port);
            bool kept = false;
            while (!done.IsCancellationRequested)
            {
                int have = 0, length = -1;
                try
                {
                    await socket.SendAsync(request);
                    while (length < 0 || have < length)
                    {
                        int read = await socket.ReceiveAsync(buffer.AsMemory(have), CancellationToken.None);
                        if (read == 0)
                        {
                            break;
                        }

                        have += read;
                        length = LengthOf(buffer.AsSpan(0, have));
                    }
                }
                catch (SocketException)
                {
                    // The connection was reset: what has come until then is what counts.
                }

                if (length >= 0 && have == length && Encoding.ASCII.GetString(buffer, 0, have) is var answer && answer.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal) && answer.EndsWith("HELLO", StringComparison.OrdinalIgnoreCase))
                {
                    Interlocked.Increment(ref tally.Answered);
                    kept = !answer.Contains("\r\nConnection: close\r\n", StringComparison.OrdinalIgnoreCase);
                    if (kept)
                    {
                        continue;
                    }
                }
                else if (have == 0 && kept)
                {
                    Interlocked.Increment(ref tally.Raced);
                }
                else
                {
                    Interlocked.Increment(ref tally.Broken);
                }

                break;
            }
        }
    }

    // Head and body together, once the head is there; -1 before.
    private static int LengthOf(ReadOnlySpan<byte> message)
    {
        int end = message.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return -1;
        }

        string head = Encoding.ASCII.GetString(message[..end]).ToUpperInvariant() + "\r\n";
        const string Name = "\r\nCONTENT-LENGTH: ";
        int at = head.IndexOf(Name, StringComparison.Ordinal);
        Assert.True(at > 0, head);
        at += Name.Length;
        return end + 4 + int.Parse(head.AsSpan(at, head.IndexOf('\r', at) - at), System.Globalization.CultureInfo.InvariantCulture);
    }

    private sealed class Tally
    {
        internal int Answered, Raced, Broken;
    }
}
