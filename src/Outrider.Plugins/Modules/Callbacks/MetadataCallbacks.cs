using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Linking;
using Outrider.Plugins.Modules.Metadata;
using Outrider.Plugins.Modules.Streams;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>Dynamic metadata of a stream, for the modules and filters behind: numbers, strings, booleans, and whole structs of them.</summary>
internal static unsafe class MetadataCallbacks
{
    private const string P = CallbackGuard.Prefix;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_set_dynamic_metadata_number")]
    private static void SetNumber(nint stream, ModuleBuffer ns, ModuleBuffer key, double value)
    {
        CallbackGuard.Enter();
        Set(stream, ns, key, value);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_set_dynamic_metadata_bool")]
    private static void SetBool(nint stream, ModuleBuffer ns, ModuleBuffer key, byte value)
    {
        CallbackGuard.Enter();
        Set(stream, ns, key, value != 0);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_set_dynamic_metadata_string")]
    private static void SetString(nint stream, ModuleBuffer ns, ModuleBuffer key, ModuleBuffer value)
    {
        CallbackGuard.Enter();
        var entry = new ModuleHeader { Name = key.Data, NameLength = key.Length, Value = value.Data, ValueLength = value.Length };
        SetAll(stream, ns, &entry, 1);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_set_dynamic_metadata_string_batch")]
    private static void SetStrings(nint stream, ModuleBuffer ns, ModuleHeader* entries, nuint count)
    {
        CallbackGuard.Enter();
        SetAll(stream, ns, entries, count);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_set_dynamic_metadata_struct")]
    private static void SetStruct(nint stream, ModuleBuffer ns, ModuleBuffer message)
    {
        CallbackGuard.Enter();
        try
        {
            if (ModuleFilter.Find(stream) is { } filter)
            {
                string space = ns.Text;
                foreach (var (key, value) in MetadataStruct.Read(message.Span))
                {
                    Store(filter, space, key, value);
                }
            }
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_set_dynamic_typed_metadata")]
    private static void SetTyped(nint stream, ModuleBuffer ns, ModuleBuffer message)
    {
        CallbackGuard.Enter();
        try
        {
            if (ModuleFilter.Find(stream) is { } filter)
            {
                ModuleStreamState.For(filter.Context).SetTyped(ns.Text, TypedMetadata.Read(message.Span));
            }
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_typed_metadata")]
    private static byte GetTyped(nint stream, MetadataSource source, ModuleBuffer ns, EnvoyBuffer* type, EnvoyBuffer* result)
    {
        CallbackGuard.Enter();
        try
        {
            if (State(stream, source)?.GetTyped(ns.Text) is not { } message)
            {
                return 0;
            }

            // Copies: a module behind this one may set another message while it still reads this one.
            var lent = ModuleFilter.Find(stream)!.Lent;
            *type = lent.LendCopy(message.TypeUrl);
            *result = lent.LendCopy(message.Value);
            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_metadata_number")]
    private static byte GetNumber(nint stream, MetadataSource source, ModuleBuffer ns, ModuleBuffer key, double* result)
    {
        CallbackGuard.Enter();
        return MetadataValues.TryStore(MetadataValues.Find(stream, source, ns, key), result);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_metadata_string")]
    private static byte GetString(nint stream, MetadataSource source, ModuleBuffer ns, ModuleBuffer key, EnvoyBuffer* result)
    {
        CallbackGuard.Enter();
        return MetadataValues.TryStore(MetadataValues.Find(stream, source, ns, key), stream, result);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_metadata_bool")]
    private static byte GetBool(nint stream, MetadataSource source, ModuleBuffer ns, ModuleBuffer key, byte* result)
    {
        CallbackGuard.Enter();
        return MetadataValues.TryStore(MetadataValues.Find(stream, source, ns, key), result);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_metadata_keys_count")]
    private static nuint GetKeysCount(nint stream, MetadataSource source, ModuleBuffer ns)
    {
        CallbackGuard.Enter();
        try
        {
            return (nuint)(State(stream, source)?.Keys(ns.Text).Count ?? 0);
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
        CallbackGuard.Enter();
        try
        {
            return State(stream, source) is { } state ? StoreAll(stream, state.Keys(ns.Text), result) : (byte)0;
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
        CallbackGuard.Enter();
        return (nuint)(State(stream, source)?.Namespaces.Count ?? 0);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_metadata_namespaces")]
    private static byte GetNamespaces(nint stream, MetadataSource source, EnvoyBuffer* result)
    {
        CallbackGuard.Enter();
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

    private static void Set(nint stream, ModuleBuffer ns, ModuleBuffer key, object value)
    {
        try
        {
            if (ModuleFilter.Find(stream) is { } filter)
            {
                Store(filter, ns.Text, key.Text, value);
            }
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
        }
    }

    private static void SetAll(nint stream, ModuleBuffer ns, ModuleHeader* entries, nuint count)
    {
        try
        {
            if (count > 0 && ModuleFilter.Find(stream) is { } filter)
            {
                string space = ns.Text;
                for (nuint i = 0; i < count; i++)
                {
                    Store(filter, space, Encoding.UTF8.GetString(entries[i].NameSpan), ModuleStreamState.Keep(entries[i].ValueSpan));
                }
            }
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
        }
    }

    /// <summary>Sets a value for modules, and for the filters that are none where it is one of theirs.</summary>
    private static void Store(ModuleFilter filter, string ns, string key, object value)
    {
        ModuleStreamState.For(filter.Context).Set(ns, key, value);
        if (ns.Length == 0 || key.Length == 0)
        {
            // Modules may; the stream's own metadata has no such names.
            return;
        }

        var shared = filter.Context.Metadata;
        switch (value)
        {
            case double number:
                shared.Set(ns, key, number);
                break;
            case bool flag:
                shared.Set(ns, key, flag);
                break;
            case byte[] text:
                shared.Set(ns, key, Encoding.UTF8.GetString(text));
                break;
            default:
                break;
        }
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
}
