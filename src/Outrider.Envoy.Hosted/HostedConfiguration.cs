using Outrider.Assemblies.Swapping;
using Outrider.Envoy.Configuration;
using Outrider.Envoy.Logging;
using Outrider.Envoy.Streams;
using Outrider.Filters;

namespace Outrider.Envoy.Hosted;

/// <summary>A configuration of Envoy's whose filter is in an assembly: makes what Envoy gets, by one version after the other. One caller at a time.</summary>
internal sealed class HostedConfiguration(string filter, HostedEntry entry, FilterConfiguration given)
{
    private readonly KeptMetrics _metrics = new(filter, given.Metrics);
    private EnvoyConfiguration? _envoy;
    private LibraryFactory? _inForce;

    internal string Path => entry.Path;

    internal bool IsHot => entry.IsHot;

    internal int OldVersions => entry.OldVersions;

    /// <summary>The first version: what Envoy gets.</summary>
    /// <param name="version">The version.</param>
    /// <param name="streams">Told of its streams, by their version.</param>
    /// <param name="destroyed">Called when Envoy lets go of it.</param>
    /// <exception cref="Exception">The filter is not there, or refuses its configuration.</exception>
    internal EnvoyConfiguration Begin(ExtensionVersion version, VersionStreams streams, Action destroyed)
    {
        var first = Make(version);
        _envoy = new EnvoyConfiguration(first, streams) { Destroyed = destroyed };
        _inForce = (LibraryFactory)first.Factory;
        _metrics.Freeze();
        return _envoy;
    }

    /// <summary>What a version makes of it; null where it is the one in force.</summary>
    /// <exception cref="Exception">The filter is not there, or refuses its configuration.</exception>
    internal ModuleConfiguration? Next(ExtensionVersion version) => version == _inForce!.Version ? null : Make(version);

    /// <summary>Streams begin by this version from now on.</summary>
    internal void Replace(ModuleConfiguration next)
    {
        _inForce = (LibraryFactory)next.Factory;
        _envoy!.Replace(next);
    }

    private ModuleConfiguration Make(ExtensionVersion version)
    {
        string name = LibraryFactory.Choose(version, filter);
        var factory = new LibraryFactory(version, name, version.Filters.Find(name)!(new FilterConfiguration(name, entry.Config, given.BaseDirectory) { Metrics = _metrics }));
        if (_inForce is not null)
        {
            SwapStates.Carry(_inForce, factory, e => ModuleLog.Warn($"filter '{filter}': its state was not carried over, and it begins empty: {e}"));
        }

        return new ModuleConfiguration(filter, factory) { Version = version };
    }
}
