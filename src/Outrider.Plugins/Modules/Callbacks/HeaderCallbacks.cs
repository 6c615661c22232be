using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Outrider.Filters;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Linking;
using Outrider.Plugins.Modules.Memory;
using Outrider.Plugins.Modules.Streams;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>Headers and trailers. What a getter stores leads into the stream's own memory, and is good until the hook returns or the map is changed.</summary>
internal static unsafe class HeaderCallbacks
{
    private const string P = CallbackGuard.Prefix;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_header")]
    private static byte GetHeader(nint stream, HeaderMapKind kind, ModuleBuffer key, EnvoyBuffer* result, nuint index, nuint* count)
    {
        CallbackGuard.Enter();
        *result = default;
        if (count is not null)
        {
            *count = 0;
        }

        try
        {
            if (ModuleFilter.Find(stream) is not { } filter || filter.Headers(kind) is not { } map)
            {
                return 0;
            }

            var name = key.Span;
            if (PseudoHeaders.TryGet(filter, map, name, out var pseudo))
            {
                return One(pseudo, result, index, count);
            }

            if (index == 0 && count is null)
            {
                return map.TryGetValue(name, out var first) ? Store(first, result) : (byte)0;
            }

            nuint found = 0;
            bool stored = false;
            for (int i = 0; i < map.Count; i++)
            {
                var field = map[i];
                if (field.Name.Length == name.Length && Ascii.EqualsIgnoreCase(field.Name, name))
                {
                    if (found++ == index)
                    {
                        stored = Store(field.Value, result) != 0;
                    }
                }
            }

            if (found == 0 && map is RequestHeaders && map.TryGetValue(name, out var host))
            {
                return One(LentMemory.Lend(host), result, index, count);
            }

            if (count is not null)
            {
                *count = found;
            }

            return stored ? (byte)1 : (byte)0;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_header_values")]
    private static byte GetHeaderValues(nint stream, HeaderMapKind kind, ModuleBuffer key, EnvoyBuffer* result)
    {
        CallbackGuard.Enter();
        try
        {
            if (ModuleFilter.Find(stream) is not { } filter || filter.Headers(kind) is not { } map)
            {
                return 0;
            }

            if (PseudoHeaders.TryGet(filter, map, key.Span, out var pseudo))
            {
                *result = pseudo;
                return 1;
            }

            bool any = false;
            for (int i = 0; i < map.Count; i++)
            {
                var field = map[i];
                if (Ascii.EqualsIgnoreCase(field.Name, key.Span))
                {
                    any = true;
                    *result++ = LentMemory.Lend(field.Value);
                }
            }

            if (!any && map is RequestHeaders && map.TryGetValue(key.Span, out var host))
            {
                // "host", which http_get_header counts as one too: who was told of a value finds one.
                *result = LentMemory.Lend(host);
            }

            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_headers_size")]
    private static nuint GetHeadersSize(nint stream, HeaderMapKind kind)
    {
        CallbackGuard.Enter();
        try
        {
            return ModuleFilter.Find(stream)?.Headers(kind) is { } map ? (nuint)(map.Count + PseudoHeaders.Count(map)) : 0;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_headers")]
    private static byte GetHeaders(nint stream, HeaderMapKind kind, EnvoyHeader* result)
    {
        CallbackGuard.Enter();
        try
        {
            if (ModuleFilter.Find(stream) is not { } filter || filter.Headers(kind) is not { } map)
            {
                return 0;
            }

            result += PseudoHeaders.StoreAll(filter, map, result);
            for (int i = 0; i < map.Count; i++)
            {
                var field = map[i];
                var name = filter.Lent.LendLowerCase(field.Name);
                var value = LentMemory.Lend(field.Value);
                *result++ = new EnvoyHeader { Name = name.Data, NameLength = name.Length, Value = value.Data, ValueLength = value.Length };
            }

            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_set_header")]
    private static byte SetHeader(nint stream, HeaderMapKind kind, ModuleBuffer key, ModuleBuffer value)
    {
        CallbackGuard.Enter();
        return Change(stream, kind, key, value, add: false);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_add_header")]
    private static byte AddHeader(nint stream, HeaderMapKind kind, ModuleBuffer key, ModuleBuffer value)
    {
        CallbackGuard.Enter();
        return Change(stream, kind, key, value, add: true);
    }

    private static byte Change(nint stream, HeaderMapKind kind, ModuleBuffer key, ModuleBuffer value, bool add)
    {
        try
        {
            if (ModuleFilter.Find(stream)?.Headers(kind) is not { } map)
            {
                return 0;
            }

            if (key.Span is [(byte)':', ..])
            {
                return PseudoHeaders.TrySet(map, key.Span, value.Span) ? (byte)1 : (byte)0;
            }

            if (value.Data is null)
            {
                _ = map.Remove(key.Span);
            }
            else if (add)
            {
                map.Append(key.Span, value.Span);
            }
            else
            {
                map.Set(key.Span, value.Span);
            }

            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    private static byte One(EnvoyBuffer value, EnvoyBuffer* result, nuint index, nuint* count)
    {
        if (count is not null)
        {
            *count = 1;
        }

        if (index != 0)
        {
            return 0;
        }

        *result = value;
        return 1;
    }

    private static byte Store(ReadOnlySpan<byte> value, EnvoyBuffer* result)
    {
        *result = LentMemory.Lend(value);
        return 1;
    }
}
