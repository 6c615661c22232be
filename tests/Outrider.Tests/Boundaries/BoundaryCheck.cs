using System.Text;
using System.Text.RegularExpressions;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Boundaries;

/// <summary>
/// Runs the cases against a base: each on a connection of its own with a second request behind it, whose answer tells whether
/// client and upstream still agree with the base on where messages end.
/// </summary>
internal sealed partial class BoundaryCheck : IDisposable
{
    private const string Eight = "12345678";

    private readonly List<string> _requests = [];

    internal BoundaryCheck() => Upstream = new RawUpstream(ServeAsync);

    internal RawUpstream Upstream { get; }

    /// <summary>Every case; fails with all that went wrong.</summary>
    /// <param name="port">Where the base listens.</param>
    /// <param name="log">Its log so far.</param>
    internal async Task RunAsync(int port, Func<string> log)
    {
        var wrong = new List<string>();
        foreach (var one in BoundaryCase.All())
        {
            string? fault;
            try
            {
                fault = await FaultAsync(one, port, log);
            }
            catch (TimeoutException)
            {
                fault = "it never ends";
            }

            if (fault is not null)
            {
                wrong.Add($"{one.Method} {one.Upstream} [{one.Do}] {one.RequestBody}: {fault}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));
    }

    public void Dispose() => Upstream.Dispose();

    private async Task<string?> FaultAsync(BoundaryCase one, int port, Func<string> log)
    {
        lock (_requests)
        {
            _requests.Clear();
        }

        int logged = log().Length;
        string body = one.RequestBody switch
        {
            "" when one.Method == "POST" => "content-length: 0\r\n\r\n",
            "" => "\r\n",
            ['*', .. var chunk] => $"transfer-encoding: chunked\r\n\r\n{chunk.Length:x}\r\n{chunk}\r\n0\r\n\r\n",
            var whole => $"content-length: {whole.Length}\r\n\r\n{whole}",
        };
        string seen = await RawClient.ExchangeAsync(
            port, $"{one.Method} {one.Upstream} HTTP/1.1\r\nhost: a\r\nx-do: {one.Do}\r\n{body}GET /next HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        string[] requests;
        lock (_requests)
        {
            requests = [.. _requests];
        }

        if (requests.FirstOrDefault(request => !RequestLine().IsMatch(request)) is { } strange)
        {
            return $"the upstream read {strange}";
        }

        if (one.Status == 0)
        {
            long end = Environment.TickCount64 + (long)Eventually.Patience.TotalMilliseconds;
            while (!log()[logged..].Contains("content-length says", StringComparison.Ordinal))
            {
                if (Environment.TickCount64 >= end)
                {
                    return $"nothing in the log: {seen}";
                }

                await Task.Delay(10);
            }

            bool failed = seen.StartsWith("HTTP/1.1 500 ", StringComparison.Ordinal) || (!seen.Contains("/next", StringComparison.Ordinal) && seen.LastIndexOf("HTTP/1.1 ", StringComparison.Ordinal) <= 0);
            return failed ? null : $"it did not fail: {seen}";
        }

        return FaultOf(one, seen);
    }

    private static string? FaultOf(BoundaryCase one, string seen)
    {
        int end = seen.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        if (end < 4 || !seen.StartsWith($"HTTP/1.1 {one.Status} ", StringComparison.Ordinal))
        {
            return $"not {one.Status}: {seen}";
        }

        string head = seen[..end], rest = seen[end..];
        string? length = WireReader.Field(head, "content-length");
        if (one.Length != "?" && length != one.Length?.TrimEnd('?') && !(length is null && one.Length![^1] == '?'))
        {
            return $"the content-length is not {one.Length ?? "missing"}: {seen}";
        }

        if (one.Status is 204 && head.Contains("transfer-encoding", StringComparison.OrdinalIgnoreCase))
        {
            return $"a 204 in chunks: {seen}";
        }

        string body = one.Body ?? "";
        if (body.Length > 0 && length is null)
        {
            body = $"{body.Length:x}\r\n{body}\r\n0\r\n\r\n";
        }

        return rest.StartsWith(body + "HTTP/1.1 200 ", StringComparison.Ordinal) && rest.EndsWith("/next", StringComparison.Ordinal) ? null : $"another body, or no next response: {seen}";
    }

    private async Task ServeAsync(UpstreamConnection connection, int number)
    {
        while (await connection.ReadRequestAsync() is { Length: > 0 } request)
        {
            string line = request[..request.IndexOf('\r', StringComparison.Ordinal)];
            lock (_requests)
            {
                _requests.Add(line);
            }

            var answer = new StringBuilder(AnswerTo(line.Split(' ') is [_, var path, ..] ? path : ""));
            if (line.StartsWith("HEAD", StringComparison.Ordinal))
            {
                answer.Length = answer.ToString().IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
            }

            await connection.SendAsync(answer.ToString());
        }
    }

    private static string AnswerTo(string path) => path switch
    {
        "/length" => $"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n{Eight}",
        "/chunked" => $"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\n{Eight}\r\n0\r\n\r\n",
        "/trailers" => $"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\n{Eight}\r\n0\r\nx-t: 1\r\n\r\n",
        "/empty" => "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        "/204" => "HTTP/1.1 204 No Content\r\n\r\n",
        "/205" => "HTTP/1.1 205 Reset Content\r\ncontent-length: 0\r\n\r\n",
        "/205-body" => $"HTTP/1.1 205 Reset Content\r\ncontent-length: 8\r\n\r\n{Eight}",
        "/304" => "HTTP/1.1 304 Not Modified\r\n\r\n",
        "/304-8" => "HTTP/1.1 304 Not Modified\r\ncontent-length: 8\r\n\r\n",
        "/next" => "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n/next",
        _ => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
    };

    [GeneratedRegex("^(GET|HEAD|POST) /[a-z0-9-]+ HTTP/1.1$")]
    private static partial Regex RequestLine();
}
