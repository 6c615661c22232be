using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Conformance;

/// <summary>Runs every case against a base that listens somewhere, with an upstream of its own, and says all that came out otherwise.</summary>
internal sealed partial class ConformanceCheck : IDisposable
{
    private static readonly TimeSpan s_impatience = TimeSpan.FromMilliseconds(300);

    private Request? _asked;

    internal ConformanceCheck() => Upstream = new RawUpstream(ServeAsync);

    internal RawUpstream Upstream { get; }

    public void Dispose() => Upstream.Dispose();

    /// <summary>Every case; fails with all that went wrong.</summary>
    internal async Task RunAsync(ConformanceBase there)
    {
        var wrong = new List<string>();
        int number = 0;
        foreach (var one in ConformanceCase.All())
        {
            var expected = ForcedDifference.On(there.Name, one);
            string id = (++number).ToString(CultureInfo.InvariantCulture);
            Volatile.Write(ref _asked, null);
            string outcome = await ExchangeAsync(one, id, there.Port);
            var (line, asked) = Volatile.Read(ref _asked) ?? new("", "-");
            string life = OwnStatus().Replace(await ReadLifeAsync(id, there), "${1}5xx");
            string want = $"{expected.Outcome} | {expected.Asked} | {expected.Life} | {expected.Line}";
            string got = $"{(expected.Outcome == "?" ? "?" : outcome)} | {(expected.Asked == "?" ? "?" : asked)} | {life} | {(expected.Line.Length == 0 ? "" : line)}";
            if (want != got)
            {
                wrong.Add($"{one.Name} [{one.Do}]\n  not {want}\n  but {got}");
            }

            if (one.Do.Contains("write", StringComparison.Ordinal) && !await ComesTrueAsync(() => Task.FromResult(there.Log().Contains($"the script of {id} says so", StringComparison.Ordinal))))
            {
                wrong.Add($"{one.Name}: not in the log");
            }
        }

        await CountAsync(there, wrong);
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {number} on {there.Name}:\n" + string.Join("\n", wrong));
    }

    /// <summary>Every case of two filters in a chain; fails with all that went wrong.</summary>
    /// <param name="there">The base, with both in front of this upstream.</param>
    internal async Task RunPairsAsync(ConformanceBase there)
    {
        var wrong = new List<string>();
        int number = 0;
        foreach (var one in PairCase.All())
        {
            string id = string.Create(CultureInfo.InvariantCulture, $"pair{++number}");
            Volatile.Write(ref _asked, null);
            string outcome = await ExchangeAsync(new ConformanceCase(one.Name, "", "", "", "", one.Path, one.Body), id, there.Port, $"x-pair: {one.Do}\r\n");
            string asked = Volatile.Read(ref _asked)?.Told ?? "-";
            var expected = ForcedDifference.On(there.Name, one);
            string life = PairLife.Of($"{expected.Life} {PairCase.Ends}");
            string told = "";
            // The lives end when the base is done with the stream, which may be after the client has its answer.
            // Where one is wrong already, it is not waited for what may never come.
            _ = await ComesTrueAsync(async () => (told = PairLife.Of(await ReadPairAsync(id, there))) == life, wrong.Count == 0 ? Eventually.Patience : s_impatience);
            string want = $"{expected.Outcome} | {expected.Asked} | {life}";
            string got = $"{outcome} | {asked} | {told}";
            if (want != got)
            {
                wrong.Add($"{one.Name} [{one.Do}]\n  not {want}\n  but {got}");
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {number} on {there.Name}:\n" + string.Join("\n", wrong));
    }

    private static async Task<string> ReadPairAsync(string id, ConformanceBase there)
    {
        string text = await SendAsync(there.Port, $"GET /report HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-pair-report: {id}\r\n\r\n");
        int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        Assert.True(end >= 4, $"{there.Name} does not answer after case {id}: {there.Log()}");
        return Content(text[..end], text[end..]);
    }

    private static async Task<bool> ComesTrueAsync(Func<Task<bool>> condition, TimeSpan? patience = null)
    {
        for (long begin = Environment.TickCount64; Environment.TickCount64 - begin < (patience ?? Eventually.Patience).TotalMilliseconds; await Task.Delay(10))
        {
            if (await condition())
            {
                return true;
            }
        }

        return false;
    }

    // Each step that was told to count has done so once in each case.
    private static async Task CountAsync(ConformanceBase there, List<string> wrong)
    {
        int cases = ConformanceCase.All().Count(one => one.Do.Contains("metric", StringComparison.Ordinal));
        foreach (string step in (string[])["dh", "eh"])
        {
            var line = new Regex($$"""conformance_steps\w*\{[^}]*step="{{step}}"[^}]*\} {{cases}}\b""");
            string metrics = "";
            if (!await ComesTrueAsync(async () => line.IsMatch(metrics = await there.Metrics())))
            {
                wrong.Add($"the metric of {step} is not {cases}: {metrics}");
            }
        }
    }

    private static async Task<string> ExchangeAsync(ConformanceCase one, string id, int port, string more = "")
    {
        string body = one.Body switch
        {
            "" => "\r\n",
            ['*', '*', .. var chunk] => $"transfer-encoding: chunked\r\ntrailer: x-t\r\n\r\n{chunk.Length:x}\r\n{chunk}\r\n0\r\nx-t: 1\r\n\r\n",
            ['*', .. var chunk] => $"transfer-encoding: chunked\r\n\r\n{chunk.Length:x}\r\n{chunk}\r\n0\r\n\r\n",
            ['#', .. var length] => $"content-length: {length}\r\n\r\n{new string('x', int.Parse(length, CultureInfo.InvariantCulture))}",
            var whole => $"content-length: {whole.Length}\r\n\r\n{whole}",
        };
        string method = one.Method.Length > 0 ? one.Method : one.Body.Length > 0 ? "POST" : "GET";
        string text = await SendAsync(port, $"{method} {one.Path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-case: {id}\r\nx-do: {one.Do}\r\n{more}{body}");
        int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return end < 0 ? "cut" : $"{text.Split(' ')[1]} {Told(text[..(end + 4)], text[(end + 4)..], method == "HEAD")}";
    }

    /// <summary>The filter's mark, and the body.</summary>
    private static string Told(string head, string body, bool isHead = false)
    {
        string mark = WireReader.Field(head, "x-mark") is { } value ? $"{{{value}}}" : "";
        string content = isHead ? body : Content(head, body);
        return mark + (content.Length > 1000 ? $"#{content.Length}" : content);
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
    private static async Task<string> ReadLifeAsync(string id, ConformanceBase there)
    {
        string life = "";
        for (long begin = Environment.TickCount64; Environment.TickCount64 - begin < Eventually.Patience.TotalMilliseconds;)
        {
            string text = await SendAsync(there.Port, $"GET /report HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-report: {id}\r\n\r\n");
            int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
            Assert.True(end >= 4, $"{there.Name} does not answer after case {id}: {there.Log()}");
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

    [GeneratedRegex("(local|eh)50[234]")]
    private static partial Regex OwnStatus();

    private async Task ServeAsync(UpstreamConnection connection, int number)
    {
        while (await connection.ReadRequestAsync() is { Length: > 0 } request)
        {
            int end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
            string head = request[..end];
            string[] line = head.Split(' ', 3);
            string path = line[1].Split('?')[0];
            if (path == "/callout")
            {
                string called = $"called {WireReader.Field(head, "x-asked")} {Content(head, request[end..])}";
                await connection.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: {called.Length}\r\n\r\n{called}");
                continue;
            }

            Volatile.Write(ref _asked, new($"{line[0]} {line[1]} {WireReader.Field(head, "host")}", Told(head, request[end..])));
            if (path == "/fail")
            {
                return;
            }

            await connection.SendAsync(path switch
            {
                "/chunked" => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\n12345678\r\n0\r\n\r\n",
                "/trailers" => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\n12345678\r\n0\r\nx-t: 1\r\n\r\n",
                "/empty" => "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
                "/large" => $"HTTP/1.1 200 OK\r\ncontent-length: 200000\r\n\r\n{new string('x', 200_000)}",
                "/204" => "HTTP/1.1 204 No Content\r\n\r\n",
                "/304" => "HTTP/1.1 304 Not Modified\r\n\r\n",
                _ => $"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n{(line[0] == "HEAD" ? "" : "12345678")}",
            });
        }
    }

    /// <summary>What the upstream was asked: its line, and mark and body.</summary>
    private sealed record Request(string Line, string Told);
}
