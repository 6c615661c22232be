using Outrider.Assemblies.Swapping;
using Outrider.Envoy.Configuration;
using Outrider.Envoy.Streams;
using Outrider.Filters;

namespace Outrider.Envoy.Hosted;

/// <summary>A configuration of Envoy's whose filter is in an assembly: makes what Envoy gets, by one version after the other. One caller at a time.</summary>
internal sealed class HostedConfiguration(string filter, HostedEntry entry, FilterConfiguration given, AssemblyLibraries libraries)
{
    private readonly KeptMetrics _metrics = new(filter, given.Metrics);
    private EnvoyConfiguration? _envoy;
    private ExtensionVersion? _version;

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
        _envoy = new EnvoyConfiguration(Make(version), streams) { Destroyed = destroyed };
        _version = version;
        _metrics.Freeze();
        return _envoy;
    }

    /// <summary>What a version makes of it; null where it is the one in force.</summary>
    /// <exception cref="Exception">The filter is not there, or refuses its configuration.</exception>
    internal ModuleConfiguration? Next(ExtensionVersion version) => version == _version ? null : Make(version);

    /// <summary>Streams begin by this version from now on.</summary>
    internal void Replace(ModuleConfiguration next)
    {
        _version = (ExtensionVersion)next.Version!;
        _envoy!.Replace(next);
    }

    private ModuleConfiguration Make(ExtensionVersion version)
    {
        string name = LibraryFactory.Choose(version, filter);
        var factory = version.Filters.Find(name)!(new FilterConfiguration(name, entry.Config, given.BaseDirectory) { Metrics = _metrics });
        libraries.CarryState(entry.Path, name, factory);
        return new ModuleConfiguration(filter, new LibraryFactory(version, name, factory)) { Version = version };
    }
}
