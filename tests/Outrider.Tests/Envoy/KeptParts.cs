using Outrider.Tests.Filters;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Envoy;

/// <summary>The filter <c>keep</c> of the test module in somebody else's proxy: one client leaves something behind, the next one is served meanwhile.</summary>
internal static class KeptParts
{
    /// <summary>An upstream that answers with the request as it arrived, in chunks and with trailers.</summary>
    internal static RawUpstream Upstream() => new(async (connection, _) =>
    {
        while (await connection.ReadRequestAsync() is { Length: > 0 } request)
        {
            await connection.SendAsync($"HTTP/1.1 200 OK\r\nx-upstream: raw\r\ntransfer-encoding: chunked\r\n\r\n{request.Length:x}\r\n{request}\r\n0\r\nx-upstream: raw\r\n\r\n");
        }
    });

    /// <summary>Has something kept, and touched while the second client's request waits in the filter.</summary>
    /// <param name="port">The proxy's.</param>
    /// <param name="path">What is kept.</param>
    /// <param name="way">How the work comes back that touches it.</param>
    /// <param name="required">What must be among it.</param>
    internal static async Task TryAsync(int port, string path, Return way, params string[] required)
    {
        using (var first = await RawClient.ConnectAsync(port))
        {
            await first.SendAsync($"POST {path} HTTP/1.1\r\nhost: a\r\nx-way: {way}\r\nauthorization: first\r\ntransfer-encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nx-t: 1\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200", await first.ReadResponseAsync(), StringComparison.Ordinal);
        }

        using var second = await RawClient.ConnectAsync(port);
        await second.SendAsync("GET /touch HTTP/1.1\r\nhost: a\r\nauthorization: second\r\n\r\n");
        string seen = await second.ReadResponseAsync();
        string line = seen.Split('\n').Single(line => line.StartsWith("x-outcomes: ", StringComparison.Ordinal))["x-outcomes: ".Length..].Trim();
        string[] outcomes = line.Split(' ');

        string[] wrong = [.. outcomes.Where(outcome => !outcome.EndsWith("=InvalidOperationException", StringComparison.Ordinal))];
        Assert.True(wrong.Length == 0, $"{path} {way}: {string.Join(' ', wrong)}");
        Assert.All(required, name => Assert.Contains(name + "=InvalidOperationException", outcomes));
        Assert.True(outcomes.Length >= 40, line);
        Assert.Contains("authorization: second", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("x-late", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("late", seen.Replace("/late", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}
