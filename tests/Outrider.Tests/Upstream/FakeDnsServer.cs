using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Outrider.Tests.Upstream;

/// <summary>A DNS server that answers what a test tells it to, by UDP, and by TCP what it was told to cut.</summary>
internal sealed class FakeDnsServer : IDisposable
{
    private readonly Socket _udp;
    private readonly TcpListener _tcp;

    internal FakeDnsServer()
    {
        // One port for both, which somebody may have for one of them.
        while (true)
        {
            _tcp = new TcpListener(IPAddress.Loopback, 0);
            _tcp.Start();
            _udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                _udp.Bind(_tcp.LocalEndpoint);
                break;
            }
            catch (SocketException)
            {
                Dispose();
            }
        }

        _ = ServeAsync();
        _ = ServeTcpAsync();
    }

    internal int Port => ((IPEndPoint)_udp.LocalEndPoint!).Port;

    /// <summary>Addresses by name.</summary>
    internal ConcurrentDictionary<string, string[]> Names { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How long answers hold, in seconds.</summary>
    internal uint Ttl { get; set; } = 1;

    /// <summary>Answers nobody, or with an error.</summary>
    internal bool IsDead { get; set; }

    internal bool Cuts { get; set; }

    internal int Asked;

    public void Dispose()
    {
        _udp.Dispose();
        _tcp.Dispose();
    }

    private async Task ServeAsync()
    {
        byte[] buffer = new byte[512];
        try
        {
            while (true)
            {
                var received = await _udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                Interlocked.Increment(ref Asked);
                if (!IsDead)
                {
                    byte[] answer = Answer(buffer.AsSpan(0, received.ReceivedBytes));
                    if (Cuts)
                    {
                        answer[2] |= 2;
                        answer = answer[..received.ReceivedBytes];
                        answer[7] = 0;
                    }

                    // A stray answer first, which is to another question.
                    byte[] stray = [.. answer];
                    stray[0] ^= 0x55;
                    await _udp.SendToAsync(stray, received.RemoteEndPoint);
                    await _udp.SendToAsync(answer, received.RemoteEndPoint);
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _tcp.AcceptTcpClientAsync();
                var stream = client.GetStream();
                byte[] length = new byte[2];
                await stream.ReadExactlyAsync(length);
                byte[] question = new byte[(length[0] << 8) | length[1]];
                await stream.ReadExactlyAsync(question);
                byte[] answer = Answer(question);
                await stream.WriteAsync(new byte[] { (byte)(answer.Length >> 8), (byte)answer.Length });
                await stream.WriteAsync(answer);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // Disposed.
        }
    }

    private byte[] Answer(ReadOnlySpan<byte> question)
    {
        var labels = new List<string>();
        int at = 12;
        while (question[at] != 0)
        {
            labels.Add(System.Text.Encoding.ASCII.GetString(question.Slice(at + 1, question[at])));
            at += question[at] + 1;
        }

        int type = (question[at + 1] << 8) | question[at + 2];
        bool known = Names.TryGetValue(string.Join('.', labels), out string[]? all);
        IPAddress[] addresses = [.. (all ?? []).Select(IPAddress.Parse).Where(address => address.AddressFamily == (type == 1 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6))];
        var answer = new List<byte>(question.ToArray());
        answer[2] = 0x81;
        answer[3] = (byte)(known ? 0x80 : 0x83);
        answer[7] = (byte)(addresses.Length + (addresses.Length > 0 ? 1 : 0));
        if (addresses.Length > 0)
        {
            // The name stands for another one, by a pointer to itself.
            answer.AddRange([0xC0, 12, 0, 5, 0, 1, 0, 0, 0xFF, 0xFF, 0, 2, 0xC0, 12]);
        }

        foreach (var address in addresses)
        {
            byte[] bytes = address.GetAddressBytes();
            answer.AddRange([0xC0, 12, 0, (byte)type, 0, 1, (byte)(Ttl >> 24), (byte)(Ttl >> 16), (byte)(Ttl >> 8), (byte)Ttl, 0, (byte)bytes.Length, .. bytes]);
        }

        return [.. answer];
    }
}
