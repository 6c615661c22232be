using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Outrider.Plugins.Modules.Configurations;
using Outrider.Plugins.Modules.Linking;
using Outrider.Plugins.Modules.Streams;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>Coming back to a stream's thread, or to a configuration's, from any other. Making one happens on the stream's thread, the rest on any.</summary>
internal static class SchedulerCallbacks
{
    private const string P = CallbackGuard.Prefix;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_scheduler_new")]
    private static nint SchedulerNew(nint stream)
    {
        CallbackGuard.Enter();
        try
        {
            return ModuleFilter.Find(stream)?.NewScheduler() ?? 0;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_scheduler_commit")]
    private static void SchedulerCommit(nint scheduler, ulong id)
    {
        CallbackGuard.Enter();
        try
        {
            _ = ModuleScheduler.Commit(scheduler, id);
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_scheduler_delete")]
    private static void SchedulerDelete(nint scheduler)
    {
        CallbackGuard.Enter();
        try
        {
            ModuleScheduler.Delete(scheduler);
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
        }
    }

    // A configuration's scheduler needs nothing of its own: its number is the configuration's, which is not found once that is gone.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_scheduler_new")]
    private static nint ConfigSchedulerNew(nint configuration)
    {
        CallbackGuard.Enter();
        return configuration;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_scheduler_commit")]
    private static void ConfigSchedulerCommit(nint scheduler, ulong id)
    {
        CallbackGuard.Enter();
        try
        {
            ModuleConfiguration.Find(scheduler)?.Schedule(id);
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_scheduler_delete")]
    private static void ConfigSchedulerDelete(nint scheduler)
    {
        CallbackGuard.Enter();
    }
}
