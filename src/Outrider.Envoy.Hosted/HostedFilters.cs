using Outrider.Assemblies.Swapping;
using Outrider.Envoy.Configuration;
using Outrider.Envoy.Logging;
using Outrider.Envoy.Streams;
using Outrider.Filters;

namespace Outrider.Envoy.Hosted;

/// <summary>
/// The filters of assemblies that Envoy's configurations name. It watches their files: a new version is loaded, compiled, and configured for every
/// configuration and route that has it, and only when all of that has gone well do streams begin with it. Any thread.
/// </summary>
internal sealed class HostedFilters : FilterSource
{
    private readonly Lock _gate = new();
    private readonly AssemblyLibraries _libraries = new();
    private readonly VersionStreams _streams = new();
    private readonly List<HostedConfiguration> _configurations = [];
    private readonly List<HostedRoute> _routes = [];
    private Thread? _watcher;

    internal override EnvoyConfiguration Configure(string filter, FilterConfiguration configuration)
    {
        var entry = HostedEntry.Read(configuration);
        lock (_gate)
        {
            var hosted = new HostedConfiguration(filter, entry, configuration);
            var envoy = Attempt(entry.Path, () => hosted.Begin(_libraries.Use(entry.Path, entry.IsHot, entry.OldVersions), _streams, () => Remove(_configurations, hosted, hosted.Path)));
            _configurations.Add(hosted);
            Watch();
            return envoy;
        }
    }

    internal override RouteConfiguration ConfigureRoute(string filter, FilterConfiguration configuration)
    {
        var entry = HostedEntry.Read(configuration);
        lock (_gate)
        {
            return Attempt(entry.Path, () =>
            {
                var version = _libraries.Use(entry.Path, entry.IsHot, entry.OldVersions);
                var route = new HostedRoute(filter, entry, configuration, gone => Remove(_routes, gone, gone.Path));
                try
                {
                    route.Use(route.Prepare(version));
                }
                catch
                {
                    route.OnDestroyed();
                    throw;
                }

                _routes.Add(route);
                return route;
            });
        }
    }

    // A file that was loaded for this alone goes when it fails.
    private T Attempt<T>(string path, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (Exception e)
        {
            DropUnused(path);
            throw e is IOException or InvalidOperationException ? new FilterConfigurationException("$.assembly", e.Message, e) : e;
        }
    }

    private void Remove<T>(List<T> from, T gone, string path)
    {
        lock (_gate)
        {
            if (from.Remove(gone))
            {
                DropUnused(path);
            }
        }
    }

    private void DropUnused(string path)
    {
        if (!_configurations.Exists(other => other.Path == path) && !_routes.Exists(other => other.Path == path))
        {
            _libraries.Drop(path);
        }
    }

    private void Watch()
    {
        if (_watcher is null)
        {
            _watcher = new Thread(Look) { IsBackground = true, Name = "outrider-files" };
            _watcher.Start();
        }
    }

    private void Look()
    {
        var watch = new LibraryWatch(_libraries, ModuleLog.Warn, ModuleLog.Info);
        var ending = new EndingVersions(_libraries, _streams);
        while (true)
        {
            Thread.Sleep(LibraryWatch.Interval);
            FaultSignals.Restore();
            try
            {
                if (watch.HasChange())
                {
                    Swap();
                }

                ending.Look();
                watch.Sweep();
            }
            catch (Exception e)
            {
                ModuleLog.Error($"looking for new versions of assemblies: {e}");
            }
        }
    }

    private void Swap()
    {
        lock (_gate)
        {
            var fresh = _libraries.Begin(null, out var problems);
            foreach (string problem in problems)
            {
                ModuleLog.Error(problem + "; the version before stays");
            }

            var next = new List<(HostedConfiguration Configuration, ModuleConfiguration Made)>();
            var routes = new List<(HostedRoute Route, HostedRouteValue Value)>();
            try
            {
                foreach (var configuration in _configurations)
                {
                    if (configuration.Next(_libraries.Use(configuration.Path, configuration.IsHot, configuration.OldVersions)) is { } made)
                    {
                        next.Add((configuration, made));
                    }
                }

                foreach (var route in _routes)
                {
                    routes.Add((route, route.Prepare(_libraries.Use(route.Path, route.IsHot, route.OldVersions))));
                }
            }
            catch (Exception e)
            {
                next.ForEach(one => one.Made.Release());
                _libraries.Rollback(e.Message);
                string reason = e is FilterConfigurationException wrong ? $"{wrong.Path}: {wrong.Message}" : e is InvalidOperationException ? e.Message : e.ToString();
                ModuleLog.Error($"{string.Join(", ", fresh.Select(version => $"{version.Path}: version {version.Number}"))} cannot be used; the version before stays: {reason}");
                return;
            }

            next.ForEach(one => one.Configuration.Replace(one.Made));
            routes.ForEach(one => one.Route.Use(one.Value));
            _libraries.Commit();
            foreach (var version in fresh)
            {
                ModuleLog.Info($"{version.Path}: version {version.Number} ({version.AssemblyVersion}) is in force for new streams");
            }
        }
    }
}
