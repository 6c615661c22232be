using System.Runtime.InteropServices;
using System.Text;
using Outrider.Envoy.Configuration;
using Outrider.Envoy.Logging;
using Outrider.Envoy.Metrics;
using Outrider.Envoy.Streams;
using Outrider.Filters;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Hooks;

/// <summary>What Envoy calls when configurations come and go. An exception becomes a line in Envoy's log and a refusal.</summary>
internal static class ConfigurationHooks
{
    [UnmanagedCallersOnly(EntryPoint = HookNames.ConfigNew)]
    internal static nint New(nint envoy, EnvoyBuffer name, EnvoyBuffer configuration)
    {
        string filter = Encoding.UTF8.GetString(name.Span);
        try
        {
            return EnvoyModule.Filters.Configure(filter, Read(filter, configuration, new EnvoyMetrics(envoy))).Handle;
        }
        catch (Exception e)
        {
            return Refuse(filter, "configuration", e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = HookNames.ConfigDestroy)]
    internal static void Destroy(nint configuration)
    {
        try
        {
            EnvoyConfiguration.FromHandle(configuration).OnDestroyed();
        }
        catch (Exception e)
        {
            ModuleLog.Error($"a configuration that is destroyed: {e}");
        }
    }

    [UnmanagedCallersOnly(EntryPoint = HookNames.ConfigNeeds)]
    internal static FilterNeeds Needs(nint configuration) => EnvoyConfiguration.FromHandle(configuration).Current.TellNeeds();

    [UnmanagedCallersOnly(EntryPoint = HookNames.RouteConfigNew)]
    internal static nint NewOfRoute(EnvoyBuffer name, EnvoyBuffer configuration)
    {
        string filter = Encoding.UTF8.GetString(name.Span);
        try
        {
            return EnvoyModule.Filters.ConfigureRoute(filter, Read(filter, configuration, null)).Handle;
        }
        catch (Exception e)
        {
            return Refuse(filter, "configuration of a route", e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = HookNames.RouteConfigDestroy)]
    internal static void DestroyOfRoute(nint configuration)
    {
        try
        {
            RouteConfiguration.FromHandle(configuration).OnDestroyed();
        }
        catch (Exception e)
        {
            ModuleLog.Error($"a route's configuration that is destroyed: {e}");
        }
    }

    private static FilterConfiguration Read(string filter, EnvoyBuffer configuration, EnvoyMetrics? metrics)
        => FilterConfiguration.FromBytes(filter, configuration.Span.ToArray(), Environment.CurrentDirectory, metrics);

    private static nint Refuse(string filter, string what, Exception e)
    {
        // A mistake in the configuration is for its author, who has no use for a stack.
        ModuleLog.Error($"filter '{filter}', {what} refused: {(e is FilterConfigurationException wrong ? $"{wrong.Path}: {wrong.Message}" : e)}");
        return 0;
    }
}
