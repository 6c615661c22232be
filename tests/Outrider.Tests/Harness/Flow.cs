using System.Net.Sockets;

namespace Outrider.Tests.Harness;

/// <summary>Finds out when a sender is stopped by whoever does not read.</summary>
internal static class Flow
{
    /// <summary>
    /// The most that may be on its way when nobody reads: the kernel's buffers of two loopback connections, which grow to
    /// 4 MiB (send, net.ipv4.tcp_wmem) and 6 MiB (receive, tcp_rmem) but on loopback in practice to less, and what the proxy holds.
    /// </summary>
    internal const int MaxUnderway = 16 * 1024 * 1024;

    /// <summary>Sends all of it, telling how much has gone so far.</summary>
    internal static async Task SendCountingAsync(Socket socket, ReadOnlyMemory<byte> bytes, Action<int> tell)
    {
        int sent = 0;
        while (sent < bytes.Length)
        {
            sent += await socket.SendAsync(bytes.Slice(sent, Math.Min(64 * 1024, bytes.Length - sent)));
            tell(sent);
        }
    }

    /// <summary>Returns when a number that grows has stopped growing.</summary>
    internal static async Task StandsStillAsync(Func<int> number)
    {
        int before = -1;
        int same = 0;
        // A sender that a busy machine keeps from running stands still for a while, too.
        while (same < 10)
        {
            await Task.Delay(60);
            int now = number();
            same = now == before && now > 0 ? same + 1 : 0;
            before = now;
        }
    }
}
