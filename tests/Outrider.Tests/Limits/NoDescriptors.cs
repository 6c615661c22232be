using System.Globalization;
using Outrider.Tests.CommandLine;

namespace Outrider.Tests.Limits;

/// <summary>A time in which a process can have no further descriptor. Those that it has stay.</summary>
internal sealed class NoDescriptors
{
    /// <summary>
    /// Long enough for the runtime to have ended the threads that it would end: the one that compiles methods again goes four seconds after
    /// its last work, which there is for some time after a start with a warm-up; the next method that is called for the first time wants it.
    /// </summary>
    internal static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    // Below what any process has, standard input, output and error: each new one is one too many.
    private const int Few = 3;

    private readonly OutriderProcess _process;
    private readonly string _hard;

    private NoDescriptors(OutriderProcess process)
    {
        _process = process;
        _hard = File.ReadLines($"/proc/{process.Id}/limits").Single(line => line.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[4];
    }

    internal static async Task<NoDescriptors> BeginAsync(OutriderProcess process)
    {
        var time = new NoDescriptors(process);
        await time.LimitAsync(Few.ToString(CultureInfo.InvariantCulture));
        return time;
    }

    /// <summary>From now on the process may have the numbers that it has now, and those below them: what it closes it may have again. Others may be free until they are used up.</summary>
    internal static async Task<NoDescriptors> BeginWithWhatItHasAsync(OutriderProcess process)
    {
        var time = new NoDescriptors(process);
        int highest = Directory.GetFiles($"/proc/{process.Id}/fd").Max(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture));
        await time.LimitAsync((highest + 1).ToString(CultureInfo.InvariantCulture));
        return time;
    }

    internal Task EndAsync() => LimitAsync(_hard);

    private async Task LimitAsync(string soft)
    {
        using var prlimit = OutriderProcess.StartOther("prlimit", "--pid", _process.Id.ToString(CultureInfo.InvariantCulture), $"--nofile={soft}:{_hard}");
        Assert.Equal(0, await prlimit.ExitAsync());
    }
}
