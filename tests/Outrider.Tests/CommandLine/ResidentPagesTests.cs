using Outrider.Tests.Harness;

namespace Outrider.Tests.CommandLine;

/// <summary>What only the start has looked at does not stay in memory.</summary>
public sealed class ResidentPagesTests
{
    [Fact]
    public async Task Code_that_nothing_uses_after_the_start_is_not_resident_and_can_be_used()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        using var sample = new SampleCopy(upstream.Port);
        using var proxy = OutriderProcess.Start("start", "-c", sample.File, "--warm-up", "no");
        await proxy.ListensAsync(sample.Port);

        // The start has shaken hands with itself by it; this configuration has no TLS.
        await Eventually.HoldsAsync(() => ResidentCode(proxy.Id, "/libcrypto.so") == 0);

        // What works needs the runtime, which was given back with the rest.
        Assert.StartsWith("HTTP/1.1 200 ", await RawClient.ExchangeAsync(sample.Port, "GET / HTTP/1.1\r\nhost: a\r\nUser: admin\r\nconnection: close\r\n\r\n"), StringComparison.Ordinal);
        Assert.NotEqual(0, ResidentCode(proxy.Id, "/libcoreclr.so"));
    }

    // Kilobytes of a library's executable part; -1 where it is not loaded.
    private static int ResidentCode(int process, string library)
    {
        bool isIt = false;
        foreach (string line in File.ReadLines($"/proc/{process}/smaps"))
        {
            if (char.IsAsciiHexDigitLower(line[0]))
            {
                isIt = line.Contains(" r-xp ", StringComparison.Ordinal) && line.Contains(library, StringComparison.Ordinal);
            }
            else if (isIt && line.StartsWith("Rss:", StringComparison.Ordinal))
            {
                return int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        return -1;
    }
}
