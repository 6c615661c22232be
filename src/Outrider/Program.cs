using Outrider.Commands;
using Outrider.Configuration.Problems;
using Outrider.Plugins.Modules;
using Outrider.Running;
using Outrider.Starting;

namespace Outrider;

/// <summary>The command line. Whatever goes wrong ends as one clear line (or a line for each mistake) on stderr and exit code 1.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        if (args is ["start", ..])
        {
            RuntimeSettings.Ensure();
        }

        return MainThread.Await(Task.Run(() => EndAsync(args)));
    }

    private static async Task<int> EndAsync(string[] args)
    {
        int code = await RunAsync(args).ConfigureAwait(false);
        await Console.Out.FlushAsync().ConfigureAwait(false);
        LibraryFilters.EndWhereLoaderIsHeld(code);
        return code;
    }

    private static async Task<int> RunAsync(string[] args)
    {
        try
        {
            return await (UsualForms.TryRunAsync(args) ?? CommandLine.RunAsync(args)).ConfigureAwait(false);
        }
        catch (ConfigurationException e)
        {
            LibraryFilters.EndWhereLoaderIsHeld(1, string.Concat(e.Problems.Select(problem => $"outrider: {problem}\n")));
            foreach (var problem in e.Problems)
            {
                await Console.Error.WriteLineAsync("outrider: " + problem).ConfigureAwait(false);
            }

            return 1;
        }
        catch (Exception e) when (e is IOException or UsageException or UnauthorizedAccessException or System.Net.Sockets.SocketException or InvalidOperationException)
        {
            await Console.Error.WriteLineAsync("outrider: " + e.Message).ConfigureAwait(false);
            return 1;
        }
    }
}
