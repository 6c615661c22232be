using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Outrider.Envoy.Abi;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>What a module may know of its stream by number: request, response, connection, upstream, route. An attribute that does not exist here, or not yet, is not found.</summary>
internal static unsafe class AttributeCallbacks
{
    private const string P = CallbackGuard.Prefix;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_get_attribute_string")]
    private static byte GetString(nint stream, AttributeId id, EnvoyBuffer* result)
    {
        try
        {
            return ModuleFilter.Find(stream) is { } filter && StreamAttributes.TryGetText(filter, id, out *result) ? (byte)1 : (byte)0;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_get_attribute_int")]
    private static byte GetInt(nint stream, AttributeId id, ulong* result)
    {
        try
        {
            return ModuleFilter.Find(stream) is { } filter && StreamAttributes.TryGetNumber(filter, id, out *result) ? (byte)1 : (byte)0;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    // connection.mtls is the one that always has an answer: without TLS it is false.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_get_attribute_bool")]
    private static byte GetBool(nint stream, AttributeId id, byte* result)
    {
        if (id != AttributeId.ConnectionMtls || ModuleFilter.Find(stream) is null)
        {
            return 0;
        }

        *result = 0;
        return 1;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_cluster_name")]
    private static byte GetClusterName(nint stream, EnvoyBuffer* result)
    {
        try
        {
            if (ModuleFilter.Find(stream) is not { } filter || filter.Control.RoutedCluster is not { } cluster)
            {
                return 0;
            }

            *result = filter.Lent.LendText(cluster);
            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_cluster_host_count")]
    private static byte GetClusterHostCount(nint stream, uint priority, nuint* total, nuint* healthy, nuint* degraded)
    {
        try
        {
            if (priority != 0 || ModuleFilter.Find(stream) is not { } filter
                || filter.Control.RoutedCluster is not { } name || filter.Control.Clusters.Find(Encoding.UTF8.GetBytes(name)) is not { } cluster)
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

    private static void Store(nuint* where, int value)
    {
        if (where is not null)
        {
            *where = (nuint)value;
        }
    }
}
