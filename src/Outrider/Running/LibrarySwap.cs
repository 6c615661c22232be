using Outrider.Assemblies.Swapping;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Plugins.Libraries;
using Outrider.Proxy.Server;

namespace Outrider.Running;

/// <summary>
/// Takes new versions of libraries into a proxy that runs: it loads them, and loads the configuration in force again, which makes the filters anew by them.
/// Streams that run end with the version that they began with.
/// </summary>
internal static class LibrarySwap
{
    /// <summary>Does what a request asks for, and completes it. What fails is logged, and the versions in force stay.</summary>
    internal static async Task DoAsync(ProxyServer server, AssemblyLibraries libraries, SwapRequest request)
    {
        string? outcome = "the reload was ended by an error that is in the log";
        try
        {
            outcome = await SwapAsync(server, libraries, request.Path).ConfigureAwait(false);
        }
        finally
        {
            request.Complete(outcome);
        }
    }

    /// <summary>Takes another configuration, with what has changed of its libraries, or without where it can only be had so.</summary>
    /// <exception cref="ConfigurationException">As <see cref="ProxyServer.ReloadAsync"/>.</exception>
    /// <exception cref="IOException">As <see cref="ProxyServer.ReloadAsync"/>.</exception>
    internal static async Task ReloadAsync(ProxyServer server, AssemblyLibraries libraries, ProxyConfiguration configuration)
    {
        var fresh = libraries.Begin(null, out var problems);
        TellProblems(server, problems);
        try
        {
            await server.ReloadAsync(configuration).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            libraries.Rollback(string.Join("; ", Reasons(e)));
            if (fresh.Count == 0 || e is not (ConfigurationException or IOException) || !await TryWithoutAsync(server, libraries, configuration).ConfigureAwait(false))
            {
                throw;
            }

            TellRefused(server, fresh, e);
            return;
        }

        libraries.Commit();
        Tell(server, fresh);
        await EndTooOldAsync(server, libraries).ConfigureAwait(false);
    }

    // A library that does not fit must not hold up a change of something else.
    private static async Task<bool> TryWithoutAsync(ProxyServer server, AssemblyLibraries libraries, ProxyConfiguration configuration)
    {
        libraries.BeginAsBefore();
        try
        {
            await server.ReloadAsync(configuration).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ConfigurationException or IOException)
        {
            libraries.Rollback("");
            return false;
        }

        libraries.Commit();
        return true;
    }

    private static async Task<string?> SwapAsync(ProxyServer server, AssemblyLibraries libraries, string? path)
    {
        var fresh = libraries.Begin(path, out var problems);
        TellProblems(server, problems);
        if (fresh.Count == 0)
        {
            libraries.Rollback("");
            return problems.Count > 0 ? string.Join("; ", problems) : null;
        }

        try
        {
            await server.ReloadAsync(server.File).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ConfigurationException or IOException)
        {
            string reason = string.Join("; ", Reasons(e));
            libraries.Rollback(reason);
            TellRefused(server, fresh, e);
            return reason;
        }

        libraries.Commit();
        Tell(server, fresh);
        await EndTooOldAsync(server, libraries).ConfigureAwait(false);
        return problems.Count > 0 ? string.Join("; ", problems) : null;
    }

    // Long streams hold the code that they began with: so many versions may live, and no more.
    private static async Task EndTooOldAsync(ProxyServer server, AssemblyLibraries libraries)
    {
        foreach (var version in libraries.TooOld())
        {
            int ended = await server.EndOldStreamsAsync(factory => factory is LibraryFactory library && library.Version == version, "the version of its filter is too old").ConfigureAwait(false);
            server.Log.Write(StreamLogLevel.Warn, $"library {version.Path}: {ended} stream{(ended == 1 ? "" : "s")} of version {version.Number} ended, as more than old_versions are alive");
        }
    }

    private static string[] Reasons(Exception why) => why is ConfigurationException { Problems: var found } ? [.. found.Select(problem => problem.ToString())] : [why.Message];

    private static void TellRefused(ProxyServer server, IReadOnlyList<ExtensionVersion> fresh, Exception why)
    {
        foreach (string reason in Reasons(why))
        {
            server.Log.Write(StreamLogLevel.Error, reason);
        }

        server.Log.Write(StreamLogLevel.Error, $"{string.Join(", ", fresh.Select(version => $"library {version.Path}: version {version.Number}"))} cannot be used; the version before stays");
    }

    private static void Tell(ProxyServer server, IReadOnlyList<ExtensionVersion> fresh)
    {
        foreach (var version in fresh)
        {
            server.Log.Write(StreamLogLevel.Info, $"library {version.Path}: version {version.Number} ({version.AssemblyVersion}) is in force for new streams");
        }
    }

    private static void TellProblems(ProxyServer server, IReadOnlyList<string> problems)
    {
        foreach (string problem in problems)
        {
            server.Log.Write(StreamLogLevel.Error, problem + "; the version before stays");
        }
    }
}
