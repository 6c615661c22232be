using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Outrider.Envoy.Abi;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>Dynamic metadata of a stream, for the modules and filters behind: numbers, strings, booleans and lists of them.</summary>
internal static unsafe class MetadataCallbacks
{
    private const string P = CallbackGuard.Prefix;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_set_dynamic_metadata_number")]
    private static void SetNumber(nint stream, ModuleBuffer ns, ModuleBuffer key, double value)
    {
        try
        {
            if (ModuleFilter.Find(stream) is { } filter)
            {
                string space = Text(ns), name = Text(key);
                ModuleStreamState.For(filter.Context).Set(space, name, value);
                filter.Context.Metadata.Set(space, name, value);
            }
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_set_dynamic_metadata_string")]
    private static void SetString(nint stream, ModuleBuffer ns, ModuleBuffer key, ModuleBuffer value)
    {
        try
        {
            if (ModuleFilter.Find(stream) is { } filter)
            {
                string space = Text(ns), name = Text(key);
                ModuleStreamState.For(filter.Context).Set(space, name, ModuleStreamState.Keep(value.Span));
                filter.Context.Metadata.Set(space, name, Encoding.UTF8.GetString(value.Span));
            }
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_set_dynamic_metadata_bool")]
    private static void SetBool(nint stream, ModuleBuffer ns, ModuleBuffer key, byte value)
    {
        try
        {
            if (ModuleFilter.Find(stream) is { } filter)
            {
                string space = Text(ns), name = Text(key);
                ModuleStreamState.For(filter.Context).Set(space, name, value != 0);
                filter.Context.Metadata.Set(space, name, value != 0);
            }
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_set_dynamic_metadata_string_batch")]
    private static void SetStrings(nint stream, ModuleBuffer ns, ModuleHeader* entries, nuint count)
    {
        try
        {
            if (count > 0 && ModuleFilter.Find(stream) is { } filter)
            {
                var state = ModuleStreamState.For(filter.Context);
                string name = Text(ns);
                for (nuint i = 0; i < count; i++)
                {
                    string key = Encoding.UTF8.GetString(entries[i].NameSpan);
                    state.Set(name, key, ModuleStreamState.Keep(entries[i].ValueSpan));
                    filter.Context.Metadata.Set(name, key, Encoding.UTF8.GetString(entries[i].ValueSpan));
                }
            }
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_metadata_number")]
    private static byte GetNumber(nint stream, MetadataSource source, ModuleBuffer ns, ModuleBuffer key, double* result)
    {
        try
        {
            if (Value(stream, source, ns, key) is not double value)
            {
                return 0;
            }

            *result = value;
            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_metadata_string")]
    private static byte GetString(nint stream, MetadataSource source, ModuleBuffer ns, ModuleBuffer key, EnvoyBuffer* result)
    {
        try
        {
            if (Value(stream, source, ns, key) is not byte[] value)
            {
                return 0;
            }

            *result = ModuleFilter.Find(stream)!.Lent.LendCopy(value);
            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_metadata_bool")]
    private static byte GetBool(nint stream, MetadataSource source, ModuleBuffer ns, ModuleBuffer key, byte* result)
    {
        try
        {
            if (Value(stream, source, ns, key) is not bool value)
            {
                return 0;
            }

            *result = value ? (byte)1 : (byte)0;
            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_metadata_keys_count")]
    private static nuint GetKeysCount(nint stream, MetadataSource source, ModuleBuffer ns)
    {
        try
        {
            return (nuint)(State(stream, source)?.Keys(Text(ns)).Count ?? 0);
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_metadata_keys")]
    private static byte GetKeys(nint stream, MetadataSource source, ModuleBuffer ns, EnvoyBuffer* result)
    {
        try
        {
            return State(stream, source) is { } state ? StoreAll(stream, state.Keys(Text(ns)), result) : (byte)0;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_metadata_namespaces_count")]
    private static nuint GetNamespacesCount(nint stream, MetadataSource source)
    {
        try
        {
            return (nuint)(State(stream, source)?.Namespaces.Count ?? 0);
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_metadata_namespaces")]
    private static byte GetNamespaces(nint stream, MetadataSource source, EnvoyBuffer* result)
    {
        try
        {
            return State(stream, source) is { } state ? StoreAll(stream, state.Namespaces, result) : (byte)0;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    // Routes, clusters and hosts have no metadata in our configuration.
    private static ModuleStreamState? State(nint stream, MetadataSource source)
        => source == MetadataSource.Dynamic && ModuleFilter.Find(stream) is { } filter ? ModuleStreamState.Of(filter.Context) : null;

    // The stream's own metadata has the last word: filters that are no modules set it too.
    internal static object? Value(nint stream, MetadataSource source, ModuleBuffer ns, ModuleBuffer key)
    {
        if (source != MetadataSource.Dynamic || ModuleFilter.Find(stream) is not { } filter)
        {
            return null;
        }

        string space = Text(ns), name = Text(key);
        object? own = ModuleStreamState.Of(filter.Context)?.Get(space, name);
        if (own is List<object>)
        {
            return own;
        }

        var metadata = filter.Context.Metadata;
        if (metadata.GetText(space, name) is { } text)
        {
            return own is byte[] bytes && Encoding.UTF8.GetString(bytes) == text ? own : Encoding.UTF8.GetBytes(text);
        }

        return metadata.GetNumber(space, name) ?? (object?)metadata.GetFlag(space, name);
    }

    private static byte StoreAll(nint stream, IReadOnlyCollection<string> names, EnvoyBuffer* result)
    {
        var lent = ModuleFilter.Find(stream)!.Lent;
        foreach (string name in names)
        {
            *result++ = lent.LendText(name);
        }

        return 1;
    }

    internal static string Text(ModuleBuffer buffer) => Encoding.UTF8.GetString(buffer.Span);
}
