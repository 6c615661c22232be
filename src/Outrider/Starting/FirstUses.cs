using System.Net;
using System.Security.Cryptography;
using System.Text;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Starting;

/// <summary>
/// Does at start, once, what would otherwise be done for the first time at some later moment: .NET loads a library when it is first
/// used, for which it needs descriptors, and remembers for good that it could not. A first TLS upstream, a first
/// <c>/metrics</c>, a first hash in a filter, at a moment when no descriptor is free, would fail from then on. So it is done
/// whatever the configuration says; the next one may want it. What only extensions do is in <see cref="ExtensionUses"/>.
/// </summary>
/// <remarks>
/// It costs memory that may never be wanted (docs/engine.md), so: where nothing but the load can fail, the library is loaded, and not used.
/// </remarks>
internal static class FirstUses
{
    /// <summary>Does them. What fails (no OpenSSL on the machine, no loopback) fails again when it is wanted, and says so then.</summary>
    internal static async Task DoAsync()
    {
        foreach (var use in new Action[] { Hash, Process, Files })
        {
            Attempt(use);
        }

        await AttemptAsync(static () => Dns.GetHostAddressesAsync("localhost")).ConfigureAwait(false);
        await AttemptAsync(OwnHandshake.RunAsync).ConfigureAwait(false);
        await PoolThreads.StartAsync().ConfigureAwait(false);
        await DoForExtensionsAsync().ConfigureAwait(false);

        // What it has left behind goes back to the system.
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    /// <summary>Does what extensions may want; again when there are more of them.</summary>
    internal static async Task DoForExtensionsAsync()
    {
        ReferredAssemblies.Load();
        await ExtensionUses.DoAsync(ReferredAssemblies.NamesOfExtensions()).ConfigureAwait(false);
    }

    /// <summary>Does one thing; what goes wrong is told when it is wanted.</summary>
    internal static void Attempt(Action use)
    {
        try
        {
            use();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Told when it is wanted.
        }
    }

    /// <summary>Does one thing; what goes wrong is told when it is wanted.</summary>
    internal static async Task AttemptAsync(Func<Task> use)
    {
        try
        {
            await use().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Told when it is wanted.
        }
    }

    private static void Hash()
    {
        byte[] data = RandomNumberGenerator.GetBytes(32);
        _ = SHA256.HashData(data);
    }

    // What plugins are started with, and what /metrics asks of the process.
    private static void Process()
    {
        _ = RuntimeMetrics.Read();
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/true") { RedirectStandardOutput = true, RedirectStandardError = true });
        process!.WaitForExit();
    }

    private static void Files()
    {
        _ = TimeZoneInfo.Local.GetUtcOffset(DateTime.UtcNow);
        _ = new System.ComponentModel.Win32Exception(24).Message;
        using var stream = new FileStream("/dev/null", FileMode.Open, FileAccess.Write);
        stream.Write(Encoding.UTF8.GetBytes("x"));
        _ = Console.Out;
        _ = Console.Error;
    }
}
