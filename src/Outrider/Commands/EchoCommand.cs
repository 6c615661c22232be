using System.Net;
using Outrider.Echo;
using Outrider.Running;

namespace Outrider.Commands;

/// <summary>Runs the echo server until it is told to end.</summary>
internal static class EchoCommand
{
    internal static async Task<int> RunAsync(string listen, string name, string? text)
    {
        if (!IPEndPoint.TryParse(listen.Replace("localhost:", "127.0.0.1:", StringComparison.Ordinal), out var endPoint) || endPoint.Port == 0)
        {
            throw new UsageException($"--listen wants ADDRESS:PORT, not '{listen}'");
        }

        using var signals = new Signals();
        var server = await EchoServer.StartAsync(endPoint, name, text).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            await Console.Out.WriteLineAsync($"echo '{name}' on {server.EndPoint}").ConfigureAwait(false);
            await signals.EndAsync().ConfigureAwait(false);
        }

        return 0;
    }
}
