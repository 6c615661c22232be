using System.Globalization;
using System.Text;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Conformance;

/// <summary>Runs every case against a base that listens somewhere, with an upstream of its own, and says all that came out otherwise.</summary>
internal sealed class ConformanceCheck : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private string? _asked;

    internal ConformanceCheck() => Upstream = new RawUpstream(ServeAsync);

    internal RawUpstream Upstream { get; }

    public void Dispose() => Upstream.Dispose();

    /// <summary>Every case; fails with all that went wrong.</summary>
    /// <param name="name">The base, as the table of differences has it.</param>
    /// <param name="port">Where it listens.</param>
    internal async Task RunAsync(string name, int port)
    {
        var wrong = new List<string>();
        int number = 0;
        foreach (var one in ConformanceCase.All())
        {
            var expected = ForcedDifference.On(name, one);
            string id = (++number).ToString(CultureInfo.InvariantCulture);
            Volatile.Write(ref _asked, null);
            string outcome = await ExchangeAsync(one, id, port);
            string asked = Volatile.Read(ref _asked) ?? "-";
            string life = await ReadLifeAsync(id, port);
            string want = $"{expected.Outcome} | {(expected.Asked == "?" ? "?" : expected.Asked)} | {expected.Life}";
            string got = $"{outcome} | {(expected.Asked == "?" ? "?" : asked)} | {life}";
            if (want != got)
            {
                wrong.Add($"{one.Name} [{one.Do}]\n  not {want}\n  but {got}");
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {number} on {name}:\n" + string.Join("\n", wrong));
    }

    private static async Task<string> ExchangeAsync(ConformanceCase one, string id, int port)
    {
        string body = one.Body switch
        {
            "" => "\r\n",
            ['*', '*', .. var chunk] => $"transfer-encoding: chunked\r\ntrailer: x-t\r\n\r\n{chunk.Length:x}\r\n{chunk}\r\n0\r\nx-t: 1\r\n\r\n",
            ['*', .. var chunk] => $"transfer-encoding: chunked\r\n\r\n{chunk.Length:x}\r\n{chunk}\r\n0\r\n\r\n",
            var whole => $"content-length: {whole.Length}\r\n\r\n{whole}",
        };
        string text = await SendAsync(port, $"{(one.Body.Length > 0 ? "POST" : "GET")} {one.Path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-case: {id}\r\nx-do: {one.Do}\r\n{body}");
        int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return "cut";
        }

        string head = text[..(end + 4)];
        string mark = WireReader.Field(head, "x-mark") is { } value ? $"{{{value}}}" : "";
        return $"{text.Split(' ')[1]} {mark}{Content(head, text[(end + 4)..])}";
    }

    private static async Task<string> SendAsync(int port, string request)
    {
        try
        {
            return await RawClient.ExchangeAsync(port, request);
        }
        catch (System.Net.Sockets.SocketException)
        {
            // A reset: there is no answer.
            return "";
        }
        catch (TimeoutException)
        {
            return "HTTP/1.1 hangs\r\n\r\n";
        }
    }

    // The filter's life ends when the base is done with the stream, which may be after the client has its answer.
    private static async Task<string> ReadLifeAsync(string id, int port)
    {
        string life = "";
        for (long begin = Environment.TickCount64; Environment.TickCount64 - begin < s_patience.TotalMilliseconds;)
        {
            string text = await SendAsync(port, $"GET /report HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-report: {id}\r\n\r\n");
            int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
            life = Content(text[..end], text[end..]);
            if (life != "not yet")
            {
                break;
            }

            await Task.Delay(5);
        }

        return life;
    }

    /// <summary>A body without its chunks.</summary>
    private static string Content(string head, string body)
    {
        if (!head.Contains("transfer-encoding", StringComparison.OrdinalIgnoreCase))
        {
            return body;
        }

        var content = new StringBuilder();
        while (body.Length > 0)
        {
            int line = body.IndexOf("\r\n", StringComparison.Ordinal);
            if (line < 0)
            {
                return content + " (cut)";
            }

            int length = int.Parse(body[..line], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (length == 0)
            {
                return content.ToString();
            }

            content.Append(body.AsSpan(line + 2, length));
            body = body[(line + 2 + length + 2)..];
        }

        return content + " (cut)";
    }

    private async Task ServeAsync(UpstreamConnection connection, int number)
    {
        while (await connection.ReadRequestAsync() is { Length: > 0 } request)
        {
            int end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
            string head = request[..end];
            string mark = WireReader.Field(head, "x-mark") is { } value ? $"{{{value}}}" : "";
            Volatile.Write(ref _asked, mark + Content(head, request[end..]));
            await connection.SendAsync(head.Split(' ')[1] switch
            {
                "/chunked" => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\n12345678\r\n0\r\n\r\n",
                "/trailers" => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\n12345678\r\n0\r\nx-t: 1\r\n\r\n",
                "/empty" => "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
                _ => "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n12345678",
            });
        }
    }
}
