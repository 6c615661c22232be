using System.Diagnostics;
using System.Net.NetworkInformation;
using Outrider.Tests.CommandLine;

namespace Outrider.Tests.Docs;

/// <summary>
/// Tests that run shell examples: with a network namespace of their own where one may be made (<c>unshare -rn</c>), otherwise where the
/// ports of the examples are free.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TheoryWithShellAttribute : TheoryAttribute
{
    // What the samples' configurations and their pages name.
    private static readonly int[] s_ports = [2046, 2990, 3450, 3451, 3452, 3453, 8080, 8081, 10000, 34901];

    public TheoryWithShellAttribute()
    {
        int[] taken = MayHaveNamespace ? [] : [.. IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(point => point.Port).Intersect(s_ports)];
        Skip = FactWithAttribute.Find("curl") is null ? "missing: curl; as root: apt-get update && apt-get install -y curl"
            : taken.Length > 0 ? $"somebody listens on port {string.Join(", ", taken)}" : null;
    }

    internal static bool MayHaveNamespace { get; } = Try();

    private static bool Try()
    {
        if (FactWithAttribute.Find("unshare") is null || FactWithAttribute.Find("ip") is null)
        {
            return false;
        }

        using var process = Process.Start(new ProcessStartInfo("unshare", ["-rn", "ip", "link", "set", "lo", "up"]) { RedirectStandardError = true })!;
        _ = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
