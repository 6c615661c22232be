using System.Runtime.InteropServices;
using System.Text;
using Outrider.Envoy.Abi;
using Outrider.Envoy.Configuration;
using Outrider.Envoy.Logging;
using Outrider.Filters;

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
            var creator = EnvoyModule.Registry.Find(filter)
                ?? throw new FilterConfigurationException($"the module has no filter of this name; it has: {string.Join(", ", EnvoyModule.Registry.Names)}");
            return new ModuleConfiguration(filter, creator(new FilterConfiguration(filter, configuration.Span.ToArray(), Environment.CurrentDirectory))).Handle;
        }
        catch (FilterConfigurationException e)
        {
            ModuleLog.Error($"filter '{filter}', configuration refused: {e.Path}: {e.Message}");
            return 0;
        }
        catch (Exception e)
        {
            ModuleLog.Error($"filter '{filter}', configuration refused: {e}");
            return 0;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = HookNames.ConfigDestroy)]
    internal static void Destroy(nint configuration)
    {
        try
        {
            ModuleConfiguration.FromHandle(configuration).OnDestroyed();
        }
        catch (Exception e)
        {
            ModuleLog.Error($"a configuration that is destroyed: {e}");
        }
    }
}
