using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Linking;
using Outrider.Plugins.Modules.Streams;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>Where a request goes, and where it has been tried. Connections to upstreams have no numbers here: 0, and an empty list.</summary>
internal static unsafe class UpstreamCallbacks
{
    private const string P = CallbackGuard.Prefix;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_cluster_name")]
    private static byte GetClusterName(nint stream, EnvoyBuffer* result)
    {
        CallbackGuard.Enter();
        return GetText(stream, static filter => filter.Control.RoutedCluster, result);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_cluster_host_count")]
    private static byte GetClusterHostCount(nint stream, uint priority, nuint* total, nuint* healthy, nuint* degraded)
    {
        CallbackGuard.Enter();
        try
        {
            if (priority != 0 || ModuleFilter.Find(stream) is not { } filter
                || filter.Control.RoutedCluster is not { } name || filter.Control.Clusters.Find(name) is not { } cluster)
            {
                return 0;
            }

            Store(total, cluster.Hosts.Count);
            Store(healthy, cluster.Hosts.Count);
            Store(degraded, 0);
            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_upstream_remote_address")]
    private static byte GetUpstreamRemoteAddress(nint stream, EnvoyBuffer* result)
    {
        CallbackGuard.Enter();
        return GetText(stream, static filter => filter.Context.UpstreamHost, result);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_downstream_direct_remote_address")]
    private static byte GetDownstreamDirectRemoteAddress(nint stream, EnvoyBuffer* result)
    {
        CallbackGuard.Enter();
        return GetText(stream, static filter => filter.Context.GetVariable("downstream_direct_remote_address") as string ?? "", result);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_upstream_hosts_attempted_size")]
    private static nuint GetHostsAttemptedSize(nint stream)
    {
        CallbackGuard.Enter();
        return (nuint)(ModuleFilter.Find(stream)?.Control.TriedHostCount ?? 0);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_upstream_hosts_attempted")]
    private static byte GetHostsAttempted(nint stream, EnvoyBuffer* result)
    {
        CallbackGuard.Enter();
        try
        {
            if (ModuleFilter.Find(stream) is not { } filter)
            {
                return 0;
            }

            for (int i = 0; i < filter.Control.TriedHostCount; i++)
            {
                result[i] = filter.Lent.LendText(filter.Control.TriedHost(i));
            }

            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_upstream_connection_id")]
    private static ulong GetConnectionId(nint stream)
    {
        CallbackGuard.Enter();
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_upstream_connection_ids_attempted_size")]
    private static nuint GetConnectionIdsAttemptedSize(nint stream)
    {
        CallbackGuard.Enter();
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_upstream_connection_ids_attempted")]
    private static byte GetConnectionIdsAttempted(nint stream, ulong* result)
    {
        CallbackGuard.Enter();
        return 0;
    }

    private static byte GetText(nint stream, Func<ModuleFilter, string?> get, EnvoyBuffer* result)
    {
        try
        {
            if (ModuleFilter.Find(stream) is not { } filter || get(filter) is not { } text)
            {
                return 0;
            }

            *result = filter.Lent.LendText(text);
            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    private static void Store(nuint* where, int value)
    {
        if (where is not null)
        {
            *where = (nuint)value;
        }
    }
}
