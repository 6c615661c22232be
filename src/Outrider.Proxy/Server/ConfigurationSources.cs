using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Proxy.Entries;
using Outrider.Proxy.Plugins;
using Outrider.Telemetry.Extensions;

namespace Outrider.Proxy.Server;

/// <summary>The sources of configurations beside the file: those that it names run. For the thread that changes what is in force.</summary>
/// <param name="registry">The sources that can be named; null for none.</param>
/// <param name="store">Where what they say goes.</param>
/// <param name="log">The proxy's log.</param>
internal sealed class ConfigurationSources(ConfigurationSourceRegistry? registry, RuntimeStore store, Action<StreamLogLevel, string> log)
{
    private List<RunningSource> _running = [];

    /// <summary>Are there those that a configuration names, and can they be made?</summary>
    /// <exception cref="ConfigurationException">Lists all that is wrong.</exception>
    internal static void Check(ProxyConfiguration configuration, ConfigurationSourceRegistry? registry)
    {
        foreach (var (_, source) in Make(configuration.Sources, registry))
        {
            (source as IDisposable)?.Dispose();
        }
    }

    /// <summary>Makes those that a configuration names, but for those that run as it wants them.</summary>
    /// <exception cref="ConfigurationException">Lists all that is wrong.</exception>
    internal IReadOnlyList<(StreamFilterConfiguration Configuration, IConfigurationSource Source)> Prepare(ProxyConfiguration configuration)
        => Make(configuration.Sources.Where(named => !_running.Exists(source => source.Is(named, registry?.Find(named.Type)))), registry);

    /// <summary>The configuration is in force: those that it does not name end, and those begin that were made for it.</summary>
    internal void Use(ProxyConfiguration configuration, IReadOnlyList<(StreamFilterConfiguration Configuration, IConfigurationSource Source)> made)
    {
        var (kept, gone) = (_running.Where(IsNamed).ToList(), _running.Where(source => !IsNamed(source)).ToList());
        gone.ForEach(static source => source.Stop());
        foreach (var (named, source) in made)
        {
            var running = new RunningSource(named, source, registry?.Find(named.Type), store, log);
            kept.Add(running);
            running.Start();
        }

        _running = kept;

        bool IsNamed(RunningSource source) => configuration.Sources.Any(named => source.Is(named, registry?.Find(named.Type)));
    }

    /// <summary>All of them end.</summary>
    internal void Stop() => _running.ForEach(static source => source.Stop());

    private static List<(StreamFilterConfiguration Configuration, IConfigurationSource Source)> Make(IEnumerable<StreamFilterConfiguration> named, ConfigurationSourceRegistry? registry)
    {
        List<ConfigurationProblem> problems = [];
        List<(StreamFilterConfiguration Configuration, IConfigurationSource Source)> made = [];
        foreach (var source in named)
        {
            if (registry?.Find(source.Type) is not { } creator)
            {
                problems.Add(source.TypeProblem($"there is no configuration source '{source.Type}'; there {(registry?.Names is { Count: > 0 } names ? "are: " + string.Join(", ", names) : "is none")}"));
                continue;
            }

            try
            {
                made.Add((source, creator(source.ToFilterConfiguration(NoPluginGeneration.Instance))));
            }
            catch (FilterConfigurationException e)
            {
                problems.Add(source.ConfigProblem(e));
            }
            catch (Exception e)
            {
                problems.Add(source.TypeProblem($"the configuration source '{source.Type}' cannot be made: {e.Message}"));
            }
        }

        return problems.Count == 0 ? made : throw new ConfigurationException(problems);
    }
}
