using System.Runtime.CompilerServices;
using Outrider.Assemblies.Swapping;
using Outrider.Envoy.Configuration;
using Outrider.Envoy.Logging;
using Outrider.Filters;

namespace Outrider.Envoy.Hosted;

/// <summary>A route's own configuration for a filter of an assembly, as each version reads it: a stream gets that of its version. Any thread reads; one at a time prepares.</summary>
internal sealed class HostedRoute : RouteConfiguration
{
    private readonly string _filter;
    private readonly HostedEntry _entry;
    private readonly FilterConfiguration _given;
    private readonly Action<HostedRoute> _destroyed;

    // A value goes with its version.
    private readonly ConditionalWeakTable<ExtensionVersion, HostedRouteValue> _values = [];
    private HostedRouteValue? _inForce;

    /// <param name="filter">The filter's name.</param>
    /// <param name="entry">What the route says.</param>
    /// <param name="given">As Envoy gave it.</param>
    /// <param name="destroyed">Called when Envoy lets go of it.</param>
    internal HostedRoute(string filter, HostedEntry entry, FilterConfiguration given, Action<HostedRoute> destroyed)
        : base(filter, null)
    {
        _filter = filter;
        _entry = entry;
        _given = given;
        _destroyed = destroyed;
    }

    internal string Path => _entry.Path;

    internal bool IsHot => _entry.IsHot;

    internal int OldVersions => _entry.OldVersions;

    /// <summary>Reads it as a version does, before that version is in force.</summary>
    /// <returns>What <see cref="Use"/> wants when that version is.</returns>
    /// <exception cref="Exception">The filter is not there, takes none, or refuses it.</exception>
    internal HostedRouteValue Prepare(ExtensionVersion version)
    {
        if (_values.TryGetValue(version, out var known))
        {
            return known;
        }

        string name = LibraryFactory.Choose(version, _filter);
        var read = version.Filters.FindRouteReader(name) ?? throw new FilterConfigurationException("the filter takes no configuration, so a route can have none for it");
        var value = new HostedRouteValue(_filter, read(new FilterConfiguration(name, _entry.Config, _given.BaseDirectory)));
        if (_inForce is not null)
        {
            SwapStates.Carry(_inForce.Value, value.Value, e => ModuleLog.Warn($"filter '{_filter}': the state of a route's configuration was not carried over, and it begins empty: {e}"));
        }

        version.Own(value);
        _values.Add(version, value);
        return value;
    }

    /// <summary>The version of that value is in force.</summary>
    internal void Use(HostedRouteValue value) => _inForce = value;

    internal override object? ValueFor(object? version) => version is ExtensionVersion own && _values.TryGetValue(own, out var value) ? value.Value : null;

    protected override void Dispose()
    {
        _destroyed(this);
        foreach (var (version, value) in _values)
        {
            if (version.Disown(value))
            {
                value.Dispose();
            }
        }
    }
}
