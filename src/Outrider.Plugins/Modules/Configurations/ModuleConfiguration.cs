using System.Text;
using Outrider.Filters;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Libraries;
using Outrider.Plugins.Modules.Linking;
using Outrider.Plugins.Modules.Logging;
using Outrider.Plugins.Modules.Memory;
using Outrider.Telemetry.Extensions;

namespace Outrider.Plugins.Modules.Configurations;

/// <summary>
/// One configuration of one filter of a module: the module's pointer to it, from <c>config_new</c> to <c>config_destroy</c>,
/// which follows it exactly once, after the last stream. The metrics that the module defines for it. Any thread.
/// </summary>
internal sealed unsafe class ModuleConfiguration : IDisposable
{
    private readonly EventQueue _events;
    private HostPointers<ModuleConfiguration>.Place? _place;
    private volatile ExtensionMetric[] _metrics = [];
    private nint _pointer;
    private bool _disposed;

    private ModuleConfiguration(ModuleLibrary library, string filterName, ModuleLimits limits)
    {
        Library = library;
        FilterName = filterName;
        Limits = limits;
        _events = new EventQueue(limits.MaxEvents);
    }

    internal ModuleLibrary Library { get; }

    internal ModuleHooks Hooks => Library.Hooks;

    /// <summary>Which of the module's filters.</summary>
    internal string FilterName { get; }

    /// <summary>What the module may take of time and memory.</summary>
    internal ModuleLimits Limits { get; }

    /// <summary>The module's own pointer.</summary>
    internal nint Native { get; private set; }

    /// <summary>Configurations that are not destroyed yet.</summary>
    internal static int Count => HostPointers<ModuleConfiguration>.Count;

    /// <summary>Asks the module to take a configuration.</summary>
    /// <exception cref="FilterConfigurationException">It refuses, and the message has what it logged; or it does not return in time.</exception>
    internal static ModuleConfiguration Create(ModuleLibrary library, string filterName, ModuleLimits limits, ReadOnlySpan<byte> config)
    {
        var configuration = new ModuleConfiguration(library, filterName, limits);
        byte[] bytes = config.ToArray();
        string said = "";
        try
        {
            library.Calls.RunFirst(() => said = configuration.Begin(bytes), HookNames.ConfigNew, limits.Timeout, configuration.End);
        }
        catch (TimeoutException e)
        {
            throw new FilterConfigurationException("$", $"{e.Message} (library.timeout)", e);
        }

        if (configuration.Native != 0)
        {
            return configuration;
        }

        configuration.Forget();
        throw new FilterConfigurationException(
            "$", $"the module {library.Path} refused the configuration of its filter '{filterName}'" + (said.Length > 0 ? ": " + said : ", and did not say why"));
    }

    /// <summary>The configuration that a module names; null when it is not there (any more).</summary>
    internal static ModuleConfiguration? Find(nint pointer) => HostPointers<ModuleConfiguration>.Find(pointer);

    /// <summary>Is it too late to define metrics? They are defined while the configuration is made, as in Envoy: a module that defined one with each request would fill the memory.</summary>
    internal bool IsFrozen { get; private set; }

    /// <summary>Defines a metric; its number, from 1.</summary>
    internal nuint Define(ExtensionMetric metric)
    {
        // In config_new alone, and so on one thread.
        _metrics = [.. _metrics, metric];
        return (nuint)_metrics.Length;
    }

    /// <summary>The metric of that number, or null.</summary>
    internal ExtensionMetric? Metric(nuint id)
    {
        var metrics = _metrics;
        return id - 1 < (nuint)metrics.Length ? metrics[(int)id - 1] : null;
    }

    /// <summary>Calls the module back on a thread that is nobody's loop, one call at a time and in their order. What is over the limit is dropped, and that is logged.</summary>
    internal void Schedule(ulong id)
    {
        switch (_events.Add(id))
        {
            case EventQueueResult.First:
                Library.Calls.Post(TellEvents);
                break;
            case EventQueueResult.FirstDropped:
                ModuleLog.Write(
                    StreamLogLevel.Warn,
                    $"the module {Library.Path} schedules more events for a configuration of its filter '{FilterName}' than it takes: more than {_events.Limit} wait (library.max_events), so some are dropped");
                break;
        }
    }

    public void Dispose() => Library.Calls.End(End, HookNames.ConfigDestroy, Limits.Timeout);

    private void TellEvents()
    {
        try
        {
            for (int left = _events.Count; left > 0 && _events.TryTake(out ulong id); left--)
            {
                if (!_disposed && Native != 0 && Hooks.ConfigScheduled is not null)
                {
                    Hooks.ConfigScheduled(_pointer, Native, id);
                }
            }
        }
        finally
        {
            if (_events.End())
            {
                Library.Calls.Post(TellEvents);
            }
        }
    }

    /// <summary>Gives the module its configuration; what it logged.</summary>
    private string Begin(byte[] config)
    {
        _place = HostPointers<ModuleConfiguration>.Rent();
        _pointer = HostPointers<ModuleConfiguration>.Set(_place, this);
        byte[] name = Encoding.UTF8.GetBytes(FilterName);
        using var words = ModuleLog.Listen();
        fixed (byte* nameBytes = name, configBytes = config)
        {
            Native = Hooks.ConfigNew(
                _pointer,
                new EnvoyBuffer { Data = nameBytes, Length = (nuint)name.Length },
                new EnvoyBuffer { Data = configBytes, Length = (nuint)config.Length });
        }

        IsFrozen = true;
        return words.Text;
    }

    private void End()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (Native != 0 && Hooks.ConfigDestroy is not null)
        {
            Hooks.ConfigDestroy(Native);
        }

        Forget();
    }

    private void Forget()
    {
        HostPointers<ModuleConfiguration>.Clear(_place!);
        HostPointers<ModuleConfiguration>.Return(_place!);
        _pointer = 0;
    }
}
