using System.Net.Sockets;

namespace Outrider.Tests.Harness;

/// <summary>Finds out when a sender is stopped by whoever does not read.</summary>
internal static class Flow
{
    /// <summary>
    /// The most that may be on its way when nobody reads: the kernel's buffers of two loopback connections, and what the proxy holds. Each sends
    /// from up to 4 MiB (net.ipv4.tcp_wmem); one that is read as fast as it comes, until the other is full, may be given 32 MiB to receive into
    /// (tcp_rmem of newer kernels) when the machine is so busy that much comes at a time. Mostly it is a tenth of that.
    /// </summary>
    internal const int MaxUnderway = 48 * 1024 * 1024;

    /// <summary>The length of a body that does not go into all that.</summary>
    internal const int Large = 64 * 1024 * 1024;

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
