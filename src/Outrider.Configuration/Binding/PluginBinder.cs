using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds <c>plugin_dir</c> and <c>plugin</c>.</summary>
internal static class PluginBinder
{
    private const int MaxCrashes = 1_000_000;

    public static PluginConfiguration Bind(ObjectReader root, string baseDirectory)
    {
        string[] folders = root.Text("plugin_dir") is { } folder
            ? [Path.GetFullPath(folder, baseDirectory)]
            : [baseDirectory, .. ProgramFolder(baseDirectory)];
        var defaults = new PluginConfiguration { Folders = folders };
        if (root.Object("plugin") is not { } plugin)
        {
            return defaults;
        }

        string logBase = plugin.Text("log_base") ?? "";
        var configuration = defaults with
        {
            LogBase = logBase.Length == 0 || logBase.EndsWith('/') ? logBase : logBase + "/",
            Environment = Environment(plugin, defaults.Environment),
            StartTimeout = plugin.Duration("start_timeout", defaults.StartTimeout, ZeroDuration.MeansDefault),
            StopTimeout = plugin.Duration("stop_timeout", defaults.StopTimeout, ZeroDuration.MeansDefault),
            HangTimeout = plugin.Duration("hang_timeout", defaults.HangTimeout, ZeroDuration.MeansNone),
            BackOff = plugin.Duration("backoff", defaults.BackOff, ZeroDuration.MeansDefault),
            MaxBackOff = plugin.Duration("max_backoff", defaults.MaxBackOff, ZeroDuration.MeansDefault),
            CrashLimit = plugin.IntegerOrDefault("crash_limit", defaults.CrashLimit, 1, MaxCrashes),
            StableAfter = plugin.Duration("stable_after", defaults.StableAfter, ZeroDuration.MeansDefault),
        };
        if (configuration.MaxBackOff < configuration.BackOff)
        {
            plugin.Error("max_backoff", "must not be shorter than backoff");
        }

        plugin.Finish();
        return configuration;
    }

    private static IReadOnlyList<string> Environment(ObjectReader plugin, IReadOnlyList<string> fallback)
    {
        if (plugin.Take("environment") is null)
        {
            return fallback;
        }

        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var node in plugin.Texts("environment"))
        {
            string name = node.Text;
            if (name.Length == 0 || name.AsSpan().IndexOfAny('=', '\0') >= 0 || name[..^1].Contains('*', StringComparison.Ordinal))
            {
                plugin.Problems.Error(node.Problem($"found \"{name}\", wanted the name of an environment variable, or how names begin with * behind it"));
                continue;
            }

            _ = names.Add(name);
        }

        return [.. names];
    }

    private static IEnumerable<string> ProgramFolder(string baseDirectory)
    {
        string program = AppContext.BaseDirectory.TrimEnd('/');
        return program == baseDirectory ? [] : [program];
    }
}
