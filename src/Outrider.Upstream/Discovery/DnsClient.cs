using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Outrider.Configuration.Model;

namespace Outrider.Upstream.Discovery;

/// <summary>Asks DNS servers for a name's addresses, and learns how long they hold, which the system's resolver does not tell. By UDP, and by TCP what is cut. Off the loops.</summary>
/// <param name="configuration">Which servers, and how long they have.</param>
internal sealed class DnsClient(DnsConfiguration configuration)
{
    // What a datagram without EDNS may have (RFC 1035 §4.2.1); some send more all the same.
    private const int LongestDatagram = 4096;

    /// <summary>The addresses of a name, of both families or the one that is wanted.</summary>
    /// <exception cref="IOException">It has none, or no server answered.</exception>
    public async Task<DnsAnswer> ResolveAsync(string name, CancellationToken cancellation)
    {
        var (servers, search) = Servers();
        string? failure = null;
        foreach (string candidate in Candidates(name, search))
        {
            Task<DnsAnswer?> v4 = configuration.Family == AddressFamily.InterNetworkV6 ? Task.FromResult<DnsAnswer?>(null) : AskAsync(servers, candidate, DnsMessage.A, cancellation);
            Task<DnsAnswer?> v6 = configuration.Family == AddressFamily.InterNetwork ? Task.FromResult<DnsAnswer?>(null) : AskAsync(servers, candidate, DnsMessage.Aaaa, cancellation);
            DnsAnswer?[] answers = await Task.WhenAll(v4, v6).ConfigureAwait(false);
            DnsAnswer[] found = [.. answers.OfType<DnsAnswer>()];
            if (found.SelectMany(static answer => answer.Addresses).ToArray() is { Length: > 0 } addresses)
            {
                return new DnsAnswer(addresses, found.Where(static answer => answer.Addresses.Count > 0).Min(static answer => answer.Lifetime));
            }

            failure ??= found.Length == 0 ? $"no answer from {string.Join(", ", servers)}" : "it has no address";
        }

        throw new IOException(failure ?? "it is no name");
    }

    private (IReadOnlyList<IPEndPoint> Servers, IReadOnlyList<string> Search) Servers()
    {
        if (configuration.Servers.Count > 0)
        {
            return (configuration.Servers, configuration.Search);
        }

        List<IPEndPoint> servers = [];
        List<string> search = [.. configuration.Search];
        string file = configuration.File ?? "/etc/resolv.conf";
        foreach (string[] words in File.ReadLines(file).Select(static line => line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)))
        {
            if (words is ["nameserver", var address, ..] && IPAddress.TryParse(address, out var server))
            {
                servers.Add(new IPEndPoint(server, configuration.Port));
            }
            else if (words is ["search" or "domain", ..] && configuration.Search.Count == 0)
            {
                search = [.. words[1..].Select(static domain => domain.Trim('.'))];
            }
        }

        return servers.Count > 0 ? (servers, search) : throw new IOException($"{file} names no server");
    }

    private IEnumerable<string> Candidates(string name, IReadOnlyList<string> search)
    {
        bool isFull = name.EndsWith('.');
        bool isLong = name.Count(static c => c == '.') >= configuration.Dots;
        if (isFull || isLong || search.Count == 0)
        {
            yield return name;
        }

        foreach (string domain in isFull ? [] : search)
        {
            yield return $"{name}.{domain}";
        }

        if (!isFull && !isLong && search.Count > 0)
        {
            yield return name;
        }
    }

    // Null: nobody answered.
    private async Task<DnsAnswer?> AskAsync(IReadOnlyList<IPEndPoint> servers, string name, ushort type, CancellationToken cancellation)
    {
        for (int attempt = 0; attempt < configuration.Attempts; attempt++)
        {
            foreach (var server in servers)
            {
                // What a stranger would have to guess, beside the port (RFC 5452).
                if (DnsMessage.Question((ushort)RandomNumberGenerator.GetInt32(65536), name, type) is not { } question)
                {
                    return null;
                }

                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                limit.CancelAfter(configuration.Timeout);
                try
                {
                    byte[] answer = await AskAsync(server, question, limit.Token).ConfigureAwait(false);
                    return DnsMessage.Read(answer, question, type);
                }
                catch (Exception e) when (!cancellation.IsCancellationRequested && e is OperationCanceledException or SocketException or FormatException or IOException)
                {
                    // The next one.
                }
            }
        }

        return null;
    }

    private static async Task<byte[]> AskAsync(IPEndPoint server, byte[] question, CancellationToken limit)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, limit).ConfigureAwait(false);
        await socket.SendAsync(question, limit).ConfigureAwait(false);
        byte[] buffer = new byte[LongestDatagram];
        while (true)
        {
            int length = await socket.ReceiveAsync(buffer, limit).ConfigureAwait(false);
            if (DnsMessage.Answers(buffer.AsSpan(0, length), question))
            {
                return DnsMessage.IsCut(buffer) ? await AskByTcpAsync(server, question, limit).ConfigureAwait(false) : buffer[..length];
            }
        }
    }

    private static async Task<byte[]> AskByTcpAsync(IPEndPoint server, byte[] question, CancellationToken limit)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, limit).ConfigureAwait(false);
        using var stream = new NetworkStream(socket);
        byte[] framed = new byte[question.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)question.Length);
        question.CopyTo(framed, 2);
        await stream.WriteAsync(framed, limit).ConfigureAwait(false);
        byte[] length = new byte[2];
        await stream.ReadExactlyAsync(length, limit).ConfigureAwait(false);
        byte[] answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(answer, limit).ConfigureAwait(false);
        return DnsMessage.Answers(answer, question) ? answer : throw new FormatException("the answer is to another question");
    }
}
